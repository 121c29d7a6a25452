import Testing
import YAMLConfiguration

@Suite("Values")
struct ValueTypeTests {
    @Test(
        "durations",
        arguments: [
            ("30s", Duration.seconds(30)), ("20m", .seconds(1_200)), ("1h", .seconds(3_600)), ("3d", .seconds(259_200)), ("0s", .zero),
            ("1h30m", .seconds(5_400)), ("250ms", .milliseconds(250)),
        ]
    )
    func durations(text: String, expected: Duration) {
        #expect(parseDuration(text) == expected)
        #expect(formatDuration(expected) == text || parseDuration(formatDuration(expected)) == expected)
    }

    @Test(
        "what is no duration",
        arguments: ["", "5", "s", "-1s", "1.5h", "1 h", "1m1h", "1s1s", "1y", "9999999999999999999d", "106751991168d", "١s"]
    )
    func noDuration(text: String) {
        #expect(parseDuration(text) == nil)
    }

    @Test("sizes", arguments: [("500", 500), ("300k", 307_200), ("2M", 2 << 20), ("1G", 1 << 30), ("1K", 1_024)])
    func sizes(
        text: String,
        expected: Int
    ) { #expect(parseSize(text) == expected) }

    @Test("what is no size", arguments: ["", "k", "1.5M", "-1", "1T", "1 k", "99999999999999999999", "9999999999999G"])
    func noSize(
        text: String
    ) { #expect(parseSize(text) == nil) }

    @Test("booleans and numbers say what they expect, and don't quote what stands there")
    func scalars() {
        #expect(value("yes", .boolean).value == true)
        #expect(value("False", .boolean).value == false)
        #expect(value("maybe", .boolean).complaint == "config.yaml:1:4: x: expected true or false")
        #expect(value("12", .integer(1...20)).value == 12)
        #expect(value("0x10", .integer(1...20)).complaint == "config.yaml:1:4: x: expected a number from 1 to 20")
        #expect(value("21", .integer(1...20)).complaint == "config.yaml:1:4: x: expected a number from 1 to 20")
        #expect(value("12", .string).value == "12")
        #expect(value("''", .name).complaint == "config.yaml:1:4: x: must not be empty")
    }

    @Test("a text may stand for a list of one")
    func strings() {
        #expect(value("a", ValueType<[String]>.strings).value == ["a"])
        #expect(value("[a, b]", ValueType<[String]>.strings).value == ["a", "b"])
    }

    @Test("lists are counted and mappings keep their order")
    func compounds() {
        let list = ValueType<[String]>.list(of: .string, count: 1...2)
        #expect(value("[]", list).complaint == "config.yaml:1:4: x: must have at least 1 elements, has 0")
        #expect(value("[a, b, c]", list).complaint == "config.yaml:1:4: x: must have at most 2 elements, has 3")
        #expect(value("{b: 1, a: 2}", ValueType<[MapEntry<Int>]>.map(of: .integer(0...9))).value?.map(\.key) == ["b", "a"])
        #expect(
            value("{b: 1, a: z}", ValueType<[MapEntry<Int>]>.map(of: .integer(0...9))).complaint
                == "config.yaml:1:14: x.a: expected a number from 0 to 9"
        )
    }

    @Test("a check of one's own gets the place for nothing")
    func checked() {
        let even = ValueType<Int>.integer(0...99).checked(as: "an even number") { (number) throws(Complaint) in
            guard number.isMultiple(of: 2) else { throw Complaint("must be even", hint: "take \(number + 1)") }
            return number
        }
        #expect(value("4", even).value == 4)
        #expect(value("5", even).complaint == "config.yaml:1:4: x: must be even; take 6")
    }

    @Test("relative paths start at the folder of their file; ~ is HOME")
    func paths() throws {
        func path(_ text: String, file: String = "/etc/oxbow/config.yaml", home: String? = "/home/u") -> String? {
            let key = Key("x", .path, "")
            let environment = home.map { ["HOME": $0] } ?? [:]
            return try? ConfigurationFile(text: "x: \(text)", path: file).read(Schema(key), environment: environment)[key]
        }
        #expect(path("state") == "/etc/oxbow/state")
        #expect(path("./a/../b//c") == "/etc/oxbow/b/c")
        #expect(path("/var/lib/x/") == "/var/lib/x")
        #expect(path("~/x") == "/home/u/x")
        #expect(path("'~'") == "/home/u")
        #expect(path("~/x", home: nil) == nil)
        #expect(path("x", file: "config.yaml")?.hasSuffix("/x") == true)
        #expect(path("x", file: "config.yaml")?.hasPrefix("/") == true)
    }
}
