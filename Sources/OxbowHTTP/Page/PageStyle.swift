/// How the page looks: one style sheet, which its policy names by its hash, and one picture.
enum PageStyle {
    /// The style sheet.
    static let css: Markup = """
        :root{color-scheme:light dark;--back:#f4f3ef;--card:#fff;--line:#dedbd2;--text:#1d2226;--quiet:#5f6a70;--link:#0b5f73;\
        --good:#1a7240;--good-back:#e2f3e8;--warn:#8a5a00;--warn-back:#fdf1d4;--bad:#b3261e;--bad-back:#fce6e3;--code:#efede6}
        @media(prefers-color-scheme:dark){:root{--back:#12171a;--card:#1b2227;--line:#313b41;--text:#e6eaec;--quiet:#9aa7ae;--link:#74cfe3;\
        --good:#6fd394;--good-back:#173325;--warn:#f0c05a;--warn-back:#3a2e10;--bad:#ff9389;--bad-back:#45201d;--code:#283138}}
        *{box-sizing:border-box;margin:0}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{background:var(--back);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;\
        overflow-wrap:anywhere;padding:0 1rem;max-width:80rem;margin:0 auto}
        header{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;padding:1.25rem 0 .25rem}
        .brand{display:flex;align-items:center;gap:.6rem}
        .brand svg{width:2.25rem;height:2.25rem;color:var(--link);flex:none}
        h1{font-size:1.5rem;line-height:1.2;letter-spacing:-.01em}
        .build{color:var(--quiet);margin-left:auto}
        .verdict{flex-basis:100%;margin-top:.5rem;padding:.75rem 1rem;border-radius:.6rem;font-weight:600;list-style:none}
        ul.verdict{display:flex;flex-wrap:wrap;gap:.1rem 1.75rem}
        .verdict.good{background:var(--good-back);color:var(--good)}
        .verdict.warn{background:var(--warn-back);color:var(--warn)}
        .verdict.bad{background:var(--bad-back);color:var(--bad)}
        section{margin-top:1.5rem;min-width:0}
        h2{font-size:1.125rem;margin-bottom:.5rem}
        h3{font-size:1.0625rem;line-height:1.35}
        h4{font-size:.8125rem;font-weight:600;color:var(--quiet);margin-top:.75rem}
        h4 span{font-weight:400}
        .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;align-items:start}
        .grid section{margin-top:.5rem}
        main>.grid{margin-top:1rem}
        .card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;min-width:0}
        article.bad,section.card.bad{border-color:var(--bad)}
        .empty,.quiet,.note{color:var(--quiet)}
        .note{margin-top:.75rem}
        .quiet{font-size:.875rem}
        .title{display:flex;justify-content:space-between;align-items:flex-start;gap:.75rem}
        .title>:first-child{min-width:0}
        .pill{flex:none;font-size:.8125rem;font-weight:600;line-height:1.3;padding:.15rem .6rem;border-radius:1rem;background:var(--code)}
        .pill.good{background:var(--good-back);color:var(--good)}
        .pill.warn{background:var(--warn-back);color:var(--warn)}
        .pill.bad{background:var(--bad-back);color:var(--bad)}
        .reason{margin-top:.4rem}
        article.bad .reason{color:var(--bad)}
        .figures{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin-top:.75rem}
        .card>.figures:first-child{margin-top:0}
        .figures div{display:flex;flex-direction:column-reverse}
        dt{font-size:.8125rem;color:var(--quiet)}
        dd{font-size:1.25rem;line-height:1.3;font-variant-numeric:tabular-nums}
        .figures .bad dd{color:var(--bad)}
        .figures .warn dd{color:var(--warn)}
        ul{padding:0}
        .chips{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem;margin-top:.25rem}
        .chip{background:var(--code);border-radius:.4rem;padding:.1rem .55rem;font-size:.875rem}
        .chip.bad{background:var(--bad-back);color:var(--bad);flex-basis:100%}
        .contact{display:flex;gap:1rem;align-items:flex-start;margin-top:.9rem;padding-top:.9rem;border-top:1px solid var(--line)}
        .contact>div{min-width:0}
        .contact h4:first-child{margin-top:0}
        .qr{width:7.5rem;height:7.5rem;border:1px solid var(--line);border-radius:.4rem;flex:none}
        .fingerprint{font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace;font-size:.875rem;display:flex;flex-wrap:wrap;gap:0 .6rem}
        a{color:var(--link)}
        code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace;font-size:.8125rem}
        code{background:var(--code);border-radius:.3rem;padding:.05rem .3rem}
        pre{white-space:pre-wrap;margin-top:.5rem}
        .rows{list-style:none}
        .rows>li{padding:.6rem 0;border-top:1px solid var(--line)}
        .rows:first-child>li:first-child{border-top:0;padding-top:0}
        .figures+.rows{margin-top:.75rem}
        .rows>li:last-child{padding-bottom:0}
        .events>li{display:grid;grid-template-columns:6rem 7.5rem minmax(0,1.4fr) minmax(0,1fr);gap:0 .75rem;align-items:baseline;padding:.35rem 0}
        .events time{color:var(--quiet);font-size:.875rem;font-variant-numeric:tabular-nums}
        .mark{font-weight:600}
        .mark.plain{font-weight:400}
        .mark.warn,.warn:is(span){color:var(--warn)}
        .mark.bad,.bad:is(span){color:var(--bad)}
        footer{color:var(--quiet);font-size:.875rem;padding:2rem 0}
        @media(max-width:40rem){
        .build{margin-left:0}
        .events>li{grid-template-columns:minmax(0,1fr) auto}
        .events>li>:nth-child(1){grid-column:2;grid-row:1}
        .events>li>:nth-child(2){grid-column:1;grid-row:1}
        .events>li>:nth-child(n+3){grid-column:1/-1}
        }
        @media(max-width:24rem){.contact{gap:.75rem}.figures{gap:.4rem 1.1rem}}

        """

    /// A river that has left its bend: an oxbow.
    static let mark: Markup = """
        <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round">\
        <path d="M2 24c6 0 8-1 9-4"/><path d="M21 20c1 3 3 4 9 4"/><path d="M11 14a6.500 6.500 0 1 1 10 0"/><path d="M11.500 24.500h9"/></svg>
        """
}
