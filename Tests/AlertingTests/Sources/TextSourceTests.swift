import Alerting
import Testing

@Suite struct TextSourceTests {
    @Test func plain() throws {
        #expect(try message("text", intake("text", sample: "plain")) == "Backup of db-1 is done\n3 files changed")
    }

    /// ntfy's own curl, with all the names that it has for things.
    @Test(arguments: [
        ["title": "T", "priority": "5", "tags": "a,b", "click": "https://c.example"],
        ["x-title": "T", "x-priority": "max", "x-tags": "a,b", "x-click": "https://c.example"],
        ["ti": "T", "prio": "urgent", "ta": "a,b", "click": "https://c.example"],
        ["t": "=?UTF-8?B?VA==?=", "p": "5", "tag": "a,b", "click": "https://c.example"],
    ])
    func ntfy(_ headers: [String: String]) throws {
        let source = try source("text")
        #expect(Set(headers.keys).isSubset(of: source.headers))
        let made = try intake("text", "body", headers: headers, contentType: "application/x-www-form-urlencoded")
        #expect(try message("text", made) == "critical: T\nbody\ntags: a,b\nhttps://c.example")
    }

    @Test func query() throws {
        let made = try intake("text", "", query: ["title": "T", "message": "M", "p": "1"])
        #expect(try message("text", made) == "info: T\nM")
        let fired = try intake("text", sample: "query")
        #expect(fired.status == .firing)
        #expect(fired.groupKey == "text:door")
    }

    /// Two things that fire without a group are two: the end of one closes only that one.
    @Test func withoutAGroupTheTitleIsIt() throws {
        let door = try intake("text", "open", query: ["title": "Door", "status": "firing"])
        let tank = try intake("text", "empty", query: ["title": "Tank", "status": "firing"])
        #expect(door.groupKey != tank.groupKey)
        #expect(try intake("text", "shut", headers: ["title": "Door", "x-status": "resolved"]).groupKey == door.groupKey)
        // Without a title it is the route's one thing, whatever is said of it.
        #expect(
            try intake("text", "open", query: ["status": "firing"]).groupKey
                == intake("text", "shut", query: ["status": "resolved"]).groupKey
        )
        #expect(try intake("text", "a", query: ["title": "Door"]).groupKey == intake("text", "a", query: ["title": "Tank"]).groupKey)
    }

    @Test func priorityOfAnotherKind() throws {
        #expect(try intake("text", "x", headers: ["priority": "u=1, i"]).severity == .unstated)
        #expect(refusal("text", "x", headers: ["priority": "9"])?.code == .shape)
        #expect(refusal("text", "x", headers: ["x-status": "maybe"])?.code == .shape)
    }

    @Test func refused() throws {
        #expect(refusal("text", "")?.code == .shape)
        #expect(refusal("text", " \u{0} \n")?.code == .shape)
        let request = SourceRequest(body: [0xFF, 0xFE, 0x00], received: sampleTime)
        #expect(throws: SourceError.self) { try source("text").read(request) }
    }

    @Test func aLongFirstLineStaysWhole() throws {
        let long = String(repeating: "word ", count: 100)
        let text = try message("text", intake("text", long))
        #expect(text.hasPrefix("word word"))
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.hasSuffix("word word"))
    }
}
