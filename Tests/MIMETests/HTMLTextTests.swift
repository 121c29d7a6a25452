import Testing

@testable import MIME

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("a<br>b<BR/>c", "a\nb\nc"), ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("a  \n\t b", "a b"), ("<pre>a  b\n  c</pre>d", "a  b\n  c\n\nd"), ("<ul><li>x<li>y</ul>", "- x\n- y"),
        ("<table><tr><td>1<td>2</tr><tr><td>3</td></tr></table>", "1 2\n3"), ("<b>bo</b>ld", "bold"),
        ("<!DOCTYPE html><html><head><title>T</title><style>x{}</style></head><body>hi</body></html>", "hi"),
        ("a<script>alert('<p>')</script>b", "ab"), ("a<SCRIPT src=x>bad</ScRiPt >b", "ab"), ("a<script>never closed", "a"),
        ("a<!-- <p>hidden</p> -->b", "ab"), ("a<!-- never closed", "a"), ("a<?php x ?>b", "ab"), ("1 < 2 > 0 & 3", "1 < 2 > 0 & 3"),
        (
            "&lt;p&gt; &amp;amp; &quot;x&quot; &#65;&#x42; &#150; &#0; &#xD800; &#x110000; &nope; &auml;",
            "<p> &amp; \"x\" AB – � � � &nope; ä"
        ),
        ("&nbsp;x&nbsp;y", "x y"), ("<a href=\"https://example.test/\">here</a>!", "here <https://example.test/>!"),
        ("<a href='https://e.test/?a=1&amp;b=2'>https://e.test/?a=1&amp;b=2</a>", "https://e.test/?a=1&b=2"),
        ("<a href=mailto:a@e.test>a@e.test</a>", "a@e.test"),
        ("<a href=\"https://evil.test\">https://good.test</a>", "https://good.test <https://evil.test>"),
        ("<a href=\"javascript:alert(1)\">x</a>", "x"), ("<a href=\" java\nscript:x\">x</a>", "x"),
        ("<a href=\"data:text/html,x\">x</a>", "x"),
        ("<a href=\"/relative\">x</a>", "x"), ("<a name=x>y</a>", "y"), ("<a title=\"href=https://x.test\">y</a>", "y"),
        ("<a href=https://a.test>a<a href=https://b.test>b", "a <https://a.test>b <https://b.test>"),
        ("<img src=x alt=\"a cat\"><img src=track.gif>", "[a cat]"), ("<p title=\"a>b\">c", "c"), ("x<p", "x"), ("x<", "x<"),
        ("x</", "x</"),
        ("<a href=\"unclosed>x", ""), ("<textarea><p>x</textarea>y", "y"), ("a\u{0}b\u{1B}c", "abc"), ("", ""), ("<<<>>>", "<<<>>>"),
        ("<p style=\"display:none\">hidden</p>shown", "hidden\n\nshown"),
    ])
    func htmlBecomesText(html: String, text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    /// One pass over whatever comes: each of these would take minutes if a step looked at the rest of the document each time.
    @Test(arguments: [
        "<", "<a", "<a ", "<a href=\"", "<script>", "<script", "</script", "<!--", "<!", "&", "&#", "&amp", "<p>", "<li>", "<pre>",
        "</pre>",
        "<a href=https://x.test>", "<img alt=x>", "\" ", "<p/", "<?", "<style></styl", "<b \"'", "&#x41;",
    ])
    func workIsBounded(piece: String) {
        let html = String(repeating: piece, count: 200_000 / piece.utf8.count)
        #expect(HTMLText.text(of: html).utf8.count <= 2 * html.utf8.count)
    }
}
