import Testing

@testable import MIME

@Suite struct FileNameTests {
    @Test(
        arguments: [
            ("a.txt", "a.txt"), ("größe.txt", "größe.txt"), ("../../etc/passwd", "passwd"), ("C:\\Windows\\evil.exe", "evil.exe"),
            ("/", nil),
            ("..", nil), (".", nil), ("", nil), ("   ", nil), (".bashrc", "bashrc"), ("...x", "x"), ("x. . ", "x"), ("-rf", "_rf"),
            ("a\u{0}b\nc\u{1B}[31m.txt", "abc[31m.txt"), ("photo\u{202E}gpj.exe", "photogpj.exe"),
            ("a\u{200B}\u{2066}b\u{FEFF}.txt", "ab.txt"),
            ("a/\u{301}b", "\u{301}b"), ("x\u{2044}y\u{FF0F}z\u{2215}", "x_y_z_"), ("a\u{2028}b", "ab"), ("a\u{3000}b", "a b"), ("a/", "a"),
            ("\u{202E}", nil), ("\u{E000}x", "x"), ("-\u{301}x", "_\u{301}x"),
        ] as [(String, String?)]
    )
    func namesAreMadeHarmless(name: String, harmless: String?) {
        #expect(FileName.harmless(name).map { Array($0.utf8) } == harmless.map { Array($0.utf8) })
    }

    @Test func longNamesKeepTheirExtension() throws {
        let name = try #require(FileName.harmless(String(repeating: "ü", count: 1000) + ".tar"))
        #expect(name.utf8.count <= 200)
        #expect(name.hasSuffix("ü.tar"))
        let odd = try #require(FileName.harmless("x." + String(repeating: "y", count: 1000)))
        #expect(odd.utf8.count == 200)
    }
}
