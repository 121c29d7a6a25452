import OxbowCommand
import Testing

@Suite struct TemplateCommandTests {
    @Test("A template on one sample, and on each") func tries() async throws {
        let bench = try Bench()
        try bench.write("{{title}}{{#is_firing}} burns{{/is_firing}}\n", to: "short.mustache")
        let file = bench.folder + "/short.mustache"
        let one = await bench.run("template", "try", file, "--source", "text", "--sample", "plain", config: false)
        #expect(one.status == .done && one.out == "Backup of db-1 is done", "\(one)")
        let all = await bench.run("template", "try", file, "--source", "text", config: false)
        #expect(all.status == .done && all.out.contains("--- ntfy\nDisk full\n--- query\nDoor burns"), "\(all)")
    }

    @Test("A mistake is told with file, line, column and the nearest name") func mistakes() async throws {
        let bench = try Bench()
        try bench.write("{{title}}\n{{titel}} {{#alerts}}\n", to: "bad.mustache")
        let end = await bench.run("template", "try", bench.folder + "/bad.mustache", "--source", "json", config: false)
        #expect(end.status == .configuration)
        #expect(end.err.contains("bad.mustache:2:1: ") && end.err.contains("did you mean 'title'?"), "\(end.err)")
    }

    @Test("A body of one's own, with headers; what the source refuses fails") func input() async throws {
        let bench = try Bench()
        let said = await bench.run(
            "template",
            "try",
            "--source",
            "text",
            "--input",
            "-",
            "--header",
            "Title: Door",
            "--header",
            "X-Status: firing",
            input: "It is open",
            config: false
        )
        #expect(said.status == .done && said.out == "FIRING: Door\nIt is open", "\(said)")
        try bench.write("{", to: "body.json")
        let refused = await bench.run("template", "try", "--source", "alertmanager", "--input", bench.folder + "/body.json", config: false)
        #expect(refused.status == .failed && refused.err.contains("status 400"), "\(refused)")
    }

    @Test(
        "Names that don't exist are usage, with those that do",
        arguments: [
            (["try", "--source", "alertmanger"], "did you mean 'alertmanager'?"),
            (["try", "--source", "slack", "--sample", "x"], "text, blocks, attachments, form"),
            (["try", "none.mustache", "--source", "slack"], "none.mustache"),
            (["try", "--source", "text", "--input", "-", "--header", "X-Foo: 1"], "doesn't read 'x-foo'"),
            (["try", "--source", "text", "--header", "Title: 1"], "--header belongs to --input"),
            (["show", "fax"], "there are alertmanager"),
        ]
    )
    func unknown(_ arguments: [String], _ words: String) async throws {
        let said = Transcript()
        let status = await (try Bench()).tool(said: said).run(["template"] + arguments)
        #expect(status == .usage && said.both.err.contains(words), "\(status) \(said.both)")
    }

    @Test("What there is to begin with") func begins() async throws {
        let bench = try Bench()
        let list = await bench.run("template", "list", config: false)
        #expect(list.status == .done && list.out.contains("healthchecks  healthchecks.io") && list.out.contains("    samples: down, up"))
        let show = await bench.run("template", "show", "slack", config: false)
        #expect(show.out.hasPrefix("{{headline}}\n{{text}}"))
        // It is a template of that source.
        try bench.write(show.out, to: "own.mustache")
        let tried = await bench.run(
            "template",
            "try",
            bench.folder + "/own.mustache",
            "--source",
            "slack",
            "--sample",
            "text",
            config: false
        )
        #expect(tried.status == .done, "\(tried)")
    }
}
