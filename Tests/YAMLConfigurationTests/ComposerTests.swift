import Testing
import YAMLConfiguration

@Suite("YAML to nodes")
struct ComposerTests {
    private func errors(_ text: String, _ limits: ConfigurationFile.Limits = .init()) -> String {
        do throws(ConfigurationErrors) {
            _ = try ConfigurationFile(text: text, path: "c.yaml", limits: limits)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("nodes know their places, keys too")
    func places() throws {
        let root = try ConfigurationFile(text: "a:\n  - b: 1\n    c: {d: x}\n", path: "c.yaml").root
        guard case .list(let list)? = root["a"]?.content, case .map(let pairs)? = list.first?.content else {
            Issue.record("not a list of mappings")
            return
        }
        #expect(pairs.map(\.keyPosition.description) == ["c.yaml:2:5", "c.yaml:3:5"])
        #expect(list[0]["c"]?["d"]?.position == Position(file: "c.yaml", line: 3, column: 12))
    }

    @Test("an empty file is nothing, and so is an empty value; quoted nulls are text")
    func nulls() throws {
        #expect(try ConfigurationFile(text: "", path: "c").root.content == .null)
        #expect(try ConfigurationFile(text: "# only a comment\n", path: "c").root.content == .null)
        let root = try ConfigurationFile(text: "a:\nb: ~\nc: null\nd: ''\ne: 'null'\n", path: "c").root
        #expect(root["a"]?.content == .null)
        #expect(root["b"]?.content == .null)
        #expect(root["c"]?.content == .null)
        #expect(root["d"]?.content == .scalar(""))
        #expect(root["e"]?.content == .scalar("null"))
    }

    @Test(
        "syntax errors name line and column",
        arguments: [
            ("a: b: c\n", "c.yaml:1:5: not valid YAML: mapping values are not allowed in this context; check the indentation and quotes"),
            ("a: [1, 2\nb: 3\n", "c.yaml:2:2"),
            (
                "a: 'open\n",
                "c.yaml:2:1: not valid YAML: found unexpected end of stream while scanning a quoted scalar that began in line 1"
            ),
            ("a:\n\t- b\n", "c.yaml:2:1"),
            ("a: @home\n", "c.yaml:1:4"),
            ("a: 1\n---\nb: 2\n", "c.yaml:2:1: the file must hold one document; a second one begins here"),
            ("a: *nowhere\n", "c.yaml:1:4: the alias names no anchor before it"),
            ("a: !!python/object x\n", "c.yaml:1:4: a: the tag 'tag:yaml.org,2002:python/object' means nothing here; remove it"),
            ("? [a]\n: b\n", "c.yaml:1:3: a key must be a single value"),
        ]
    )
    func syntax(text: String, expected: String) {
        #expect(errors(text).hasPrefix(expected), "\(errors(text))")
    }

    @Test(
        "a key given twice is an error at the second place",
        arguments: [
            ("jid: a\nbots: []\njid: b\n", "c.yaml:3:1: jid: given twice; the first is in line 1"),
            ("a:\n  - jid: a\n    x:\n      jid: inner\n    \"jid\" : b\n", "c.yaml:5:5: jid: given twice; the first is in line 2"),
            ("a: {jid: a, jid: b}\n", "c.yaml:1:5: jid: given twice"),
        ]
    )
    func duplicates(text: String, expected: String) {
        #expect(errors(text) == expected)
    }

    @Test("aliases and merge keys work, with the places of what they name")
    func aliases() throws {
        let text = """
            base: &base {host: h, port: 1}
            one: *base
            two:
              <<: *base
              port: 2
            """
        let root = try ConfigurationFile(text: text, path: "c").root
        #expect(root["one"]?["host"]?.content == .scalar("h"))
        #expect(root["two"]?["host"]?.content == .scalar("h"))
        #expect(root["two"]?["port"]?.content == .scalar("2"))
        #expect(errors("a: 1\n<<: 2\n") == "c.yaml:2:5: <<: '<<' takes a mapping or a list of mappings")
    }

    @Test("a few lines of aliases can't stand for billions of values")
    func bomb() {
        var text = "a0: &a0 [x, x, x, x]\n"
        for level in 1...12 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
        #expect(errors(text).contains("more than 100000 values"))
        let many = "a: &a x\nb: [" + (0..<65).map { _ in "*a" }.joined(separator: ", ") + "]\n"
        #expect(errors(many) == "c.yaml:1:1: has more than 64 aliases")
    }

    @Test(
        "a chain of aliases can't nest so deep that the stack ends",
        arguments: [(60, 900, "too large"), (40, 200, "nested more than 32")]
    )
    func chain(length: Int, depth: Int, expected: String) {
        var text = "a0: &a0 [x]\n"
        for level in 1...length {
            let (open, close) = (String(repeating: "[", count: depth), String(repeating: "]", count: depth))
            text += "a\(level): &a\(level) \(open)*a\(level - 1)\(close)\n"
        }
        #expect(errors(text).contains(expected))
    }

    @Test("depth, size and encoding are bounded")
    func limits() async throws {
        let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect(errors(deep).contains("nested more than 32 levels deep"))
        #expect(!errors(String(repeating: "[", count: 5_000)).isEmpty)
        #expect(errors("a: " + String(repeating: "x", count: 100), .init(bytes: 50)) == "c.yaml:1:1: is larger than 50 bytes")
        try await withTemporaryFolder { folder in
            let file = folder + "/c.yaml"
            try [UInt8]([0x61, 0x3a, 0x20, 0xff]).withUnsafeBytes { try Bytes.write($0, to: file) }
            #expect(throws: ConfigurationErrors(ConfigurationError(file: file, "is not UTF-8 text"))) { try ConfigurationFile(path: file) }
        }
    }

    @Test("a byte order mark in front of a file is none of its text")
    func byteOrderMark() async throws {
        try await withTemporaryFolder { folder in
            let file = folder + "/c.yaml"
            try Bytes.write("\u{FEFF}a: 1\r\nb: 2\r\n", to: file)
            let root = try ConfigurationFile(path: file).root
            guard case .map(let entries) = root.content else {
                Issue.record("no mapping")
                return
            }
            #expect(entries.count == 2)
        }
    }

    @Test("a missing file, a folder and a pipe are errors, and nothing waits")
    func files() async throws {
        try await withTemporaryFolder { folder in
            #expect(
                throws: ConfigurationErrors(ConfigurationError(file: folder + "/no", "can't open \(folder)/no: no such file or directory"))
            ) { try ConfigurationFile(path: folder + "/no") }
            #expect(throws: ConfigurationErrors(ConfigurationError(file: folder, "\(folder) is no regular file"))) {
                try ConfigurationFile(path: folder)
            }
        }
    }
}
