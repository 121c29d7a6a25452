import Testing
import YAMLConfiguration

@Suite("Sections")
struct SchemaTests {
    private struct Inner: Sendable, Equatable {
        static let host = Key(optional: "host", .name, "Where to")
        static let port = Key("port", .integer(1...65_535), default: "5222", "Which port")
        static let schema = Schema(host, port)
        var host: String?
        var port: Int
    }
    private enum Level: String, CaseIterable { case low, high }
    private static let jid = Key("jid", .name, "Who")
    private static let connect = Key(
        "connect",
        ValueType<Inner>.section(Inner.schema) { (section) throws(ConfigurationErrors) in
            Inner(host: section[Inner.host], port: section[Inner.port])
        },
        default: "{}",
        "How"
    )
    private static let level = Key("level", ValueType<Level>.choice, default: "low", "How much")
    private static let maxAge = Key("max_age", .duration(.seconds(60) ... .seconds(86_400)), default: "1h", "How old")
    private static let account = Schema(jid, connect, level, maxAge)
    private static let accounts = Key(
        "accounts",
        ValueType<[Section]>.list(of: .section(account) { (section) throws(ConfigurationErrors) in section }),
        "Who is there"
    )
    private static let top = Schema(accounts)

    @Test("values and defaults arrive typed")
    func typed() throws {
        let (section, errors) = read("accounts:\n  - jid: a@b\n    connect: {port: 1}\n    max-age: 2h\n", Self.top)
        #expect(errors == [])
        let account = try #require(section?[Self.accounts].first)
        #expect(account[Self.jid] == "a@b")
        #expect(account[Self.connect] == Inner(host: nil, port: 1))
        #expect(account[Self.level] == .low)
        #expect(account[Self.maxAge] == .seconds(7_200))
        #expect(account.isGiven(Self.maxAge) && !account.isGiven(Self.level))
        #expect(account.error(Self.connect, "bad").description == "config.yaml:3:14: accounts[0].connect: bad")
    }

    @Test("an unknown key names the nearest known one, in the one line that the operator sees")
    func unknown() {
        let text = "accounts:\n  - jdi: a@b\n    conect: {}\n    zzz: 1\n"
        #expect(
            read(text, Self.top).errors == [
                "config.yaml:2:5: accounts[0].jdi: unknown key; did you mean 'jid'?",
                "config.yaml:2:5: accounts[0].jid: is missing; it holds text",
                "config.yaml:3:5: accounts[0].conect: unknown key; did you mean 'connect'?",
                "config.yaml:4:5: accounts[0].zzz: unknown key; known keys: jid, connect, level, max_age",
            ]
        )
    }

    @Test("every error is reported at once, in the order of the file")
    func collected() {
        let text = """
            accounts:
              - jid: [a]
                level: hihg
                max_age: 2d
              - jid: x
                connect: {port: 0, host: }
              - oops
            """
        #expect(
            read(text, Self.top).errors == [
                "config.yaml:2:10: accounts[0].jid: expected text, found a list",
                "config.yaml:3:12: accounts[0].level: expected low or high; did you mean 'high'?",
                "config.yaml:4:14: accounts[0].max_age: must be from 1m to 1d",
                "config.yaml:6:21: accounts[1].connect.port: expected a number from 1 to 65535",
                "config.yaml:7:5: accounts[2]: expected a mapping with keys, found a single value",
            ]
        )
    }

    @Test("kebab-case is the same key, and so may not stand beside it")
    func kebab() {
        let text = "accounts:\n  - jid: a\n    max-age: 1h\n    max_age: 2h\n"
        #expect(read(text, Self.top).errors == ["config.yaml:4:5: accounts[0].max_age: given twice, first in line 3"])
    }

    @Test("a missing section is missing, an empty file too")
    func missing() {
        #expect(read("", Self.top).errors == ["config.yaml:1:1: accounts: is missing; it holds a list, each a section"])
        #expect(read("accounts:\n", Self.top).errors == ["config.yaml:1:1: accounts: is missing; it holds a list, each a section"])
        #expect(read("- a\n", Self.top).errors == ["config.yaml:1:1: expected a mapping with keys, found a list"])
    }

    @Test("another target adds its section")
    func adding() throws {
        let extra = Key(optional: "alerting", .node, "Alerts")
        let (section, errors) = read("accounts: []\nalerting: {a: 1}\n", Self.top.adding([extra]))
        #expect(errors == [])
        let node = try #require(section?[extra])
        #expect(node["a"]?.content == .scalar("1"))
    }

    @Test("the reference shows every key with type, default and text, sections below")
    func reference() {
        #expect(
            Reference(Self.top, title: "The file").markdown == """
                ## The file

                | key | holds | default | |
                |---|---|---|---|
                | `accounts` | a list, each a section | required | Who is there |

                ## `accounts[]`

                | key | holds | default | |
                |---|---|---|---|
                | `jid` | text | required | Who |
                | `connect` | a section | `{}` | How |
                | `level` | low or high | `low` | How much |
                | `max_age` | a duration (30s, 20m, 1h, 3d) | `1h` | How old |

                ## `accounts[].connect`

                | key | holds | default | |
                |---|---|---|---|
                | `host` | text |  | Where to |
                | `port` | a number from 1 to 65535 | `5222` | Which port |

                """
        )
    }
}
