import Alerting
import Testing

@Suite struct JSONSourceTests {
    @Test func described() throws {
        let made = try intake("json", sample: "described")
        #expect(made.groupKey == "json:tank-2")
        #expect(
            try message("json", made) == """
                FIRING warning: Tank 2 is nearly empty
                12 cm left
                level_cm: 12
                place.lat: 48.1
                place.lon: 11.6
                https://farm.example.org/tanks/2
                """
        )
        #expect(
            try message("json", made, template: "{{json.place.lat}}/{{json.place.lon}} {{json.nowhere.at.all}}{{json.title}}")
                == "48.1/11.6 Tank 2 is nearly empty"
        )
    }

    @Test func bare() throws {
        let made = try intake("json", sample: "bare")
        #expect(made.status == .note)
        #expect(
            try message("json", made)
                == "JSON with 4 values\nbuild.number: 31\nbuild.ok: true\ncommits.0.message: Note G\ncommits.1.message: Loop"
        )
    }

    @Test(arguments: ["7", "\"text\"", "[]", "null", "true", "[[[]]]", "{\"\": {\"\": 1}}"])
    func anything(_ body: String) throws {
        #expect(try !message("json", intake("json", body)).isEmpty)
    }

    @Test func onlyTheTwoWordsAreAStatus() throws {
        #expect(try intake("json", #"{"title": "t", "status": "ok"}"#).status == .note)
        #expect(try message("json", intake("json", #"{"title": "t", "status": "ok"}"#)) == "t\nstatus: ok")
        #expect(try intake("json", #"{"title": "t", "status": "resolved"}"#).status == .resolved)
    }

    /// Two things that fire without a group are two: the end of one closes only that one.
    @Test func withoutAGroupTheTitleIsIt() throws {
        let door = try intake("json", #"{"title": "Door", "status": "firing"}"#)
        let tank = try intake("json", #"{"title": "Tank", "status": "firing"}"#)
        #expect(door.groupKey != tank.groupKey)
        #expect(door.alerts[0].fingerprint != tank.alerts[0].fingerprint)
        #expect(try intake("json", #"{"title": "Door", "status": "Resolved", "level": 3}"#).groupKey == door.groupKey)
        // Notes share a thread as before, and so does what has no title.
        #expect(try intake("json", #"{"title": "Door"}"#).groupKey == intake("json", #"{"title": "Tank"}"#).groupKey)
        #expect(
            try intake("json", #"{"text": "open", "status": "firing"}"#).groupKey
                == intake("json", #"{"text": "shut", "status": "resolved"}"#).groupKey
        )
        #expect(try intake("json", #"{"title": "Door", "status": "firing", "group": "g"}"#).groupKey == "json:g")
    }

    @Test func many() throws {
        let body = "{" + (0..<5000).map { "\"k\($0)\": \"\(String(repeating: "v", count: 100))\"" }.joined(separator: ",") + "}"
        let text = try message("json", intake("json", body))
        #expect(text.hasPrefix("JSON with 5000 values\n"))
        #expect(text.unicodeScalars.count <= 6000 + 64 * 200)
    }
}
