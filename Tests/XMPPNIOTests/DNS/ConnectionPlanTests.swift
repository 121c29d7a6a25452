import Testing
import XMPP

@testable import XMPPNIO

@Suite struct ConnectionPlanTests {
    private func plan(_ startTLS: [ServiceRecord], _ directTLS: [ServiceRecord] = [], seed: UInt64 = 1) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return ConnectionPlan(domain: "example.org", startTLS: startTLS, directTLS: directTLS, using: &generator).targets.map {
            "\($0.security == .directTLS ? "tls" : "starttls") \($0)"
        }
    }

    private func record(_ priority: Int, _ weight: Int, _ target: String, _ port: Int = 5222) -> ServiceRecord {
        ServiceRecord(priority: priority, weight: weight, port: port, target: target)
    }

    @Test func withoutRecordsTheDomainItself() {
        #expect(plan([]) == ["starttls example.org:5222"])
    }

    @Test func prioritiesOfBothKindsAreOneList() {
        #expect(
            plan([record(20, 0, "b"), record(5, 0, "a")], [record(10, 0, "c", 443)]) == ["starttls a:5222", "tls c:443", "starttls b:5222"]
        )
    }

    @Test func rootMeansNotHere() {
        #expect(plan([record(0, 0, "", 0)]) == [])
        #expect(plan([record(0, 0, "", 0)], [record(1, 0, "c", 443)]) == ["tls c:443"])
        #expect(plan([record(0, 0, "a")], [record(0, 0, "", 0)]) == ["starttls a:5222"])
    }

    @Test func weightsAreShares() {
        let records = [record(1, 60, "heavy"), record(1, 30, "light"), record(1, 0, "none")]
        var first: [String: Int] = [:]
        for seed in 0..<3_000 {
            let order = plan(records, seed: UInt64(seed))
            #expect(order.count == 3)
            first[order[0], default: 0] += 1
        }
        let heavy = first["starttls heavy:5222"] ?? 0
        let light = first["starttls light:5222"] ?? 0
        let none = first["starttls none:5222"] ?? 0
        #expect((1_800...2_150).contains(heavy))
        #expect((850...1_150).contains(light))
        #expect((1...100).contains(none))
    }

    @Test func explicitHostsAndPorts() {
        #expect(ConnectionPlan(host: "h", port: nil, security: .directTLS).targets.map(\.port) == [5223])
        #expect(ConnectionPlan(host: "h", port: 7, security: .startTLS).targets.map(\.port) == [7])
        #expect(!ConnectionPlan.hasRecords("localhost"))
        #expect(!ConnectionPlan.hasRecords("::1"))
        #expect(ConnectionPlan.hasRecords("example.org"))
    }

    @Test(arguments: [
        ("other.example.org", "other.example.org:5222"), ("other.example.org:9222", "other.example.org:9222"),
        ("[2001:db8::1]:9222", "[2001:db8::1]:9222"), ("2001:db8::1", "[2001:db8::1]:5222"), ("192.0.2.1:1", "192.0.2.1:1"),
    ])
    func readsWhereTheServerSendsUs(text: String, expected: String) {
        #expect(ConnectionPlan.Target.parse(text, like: nil)?.description == expected)
    }

    @Test(arguments: ["", ":5222", "host:", "host:x", "host:70000", "[::1", "ho st", "a@b", "http://a/", "h\u{0}", "hôte"])
    func refusesWhatIsNoPlace(text: String) {
        #expect(ConnectionPlan.Target.parse(text, like: nil) == nil)
    }
}
