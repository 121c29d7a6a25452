import Alerting
import Testing

/// R28: the same (route, groupKey, status, set of fingerprint + startsAt + endsAt) is a retry or a twin.
@Suite struct RepeatKeyTests {
    private func group(
        _ alerts: [(fingerprint: String, status: String, starts: String, ends: String)],
        key: String = "{}:{a=\"1\"}",
        note: String = ""
    ) throws -> Intake {
        let list = alerts.map {
            #"{"status": "\#($0.status)", "labels": {"alertname": "A"}, "annotations": {"summary": "\#(note)"}, "startsAt": "\#($0.starts)", "endsAt": "\#($0.ends)", "fingerprint": "\#($0.fingerprint)"}"#
        }
        let quoted = key.replacing("\"", with: "\\\"")
        return try intake("alertmanager", #"{"version": "4", "groupKey": "\#(quoted)", "alerts": [\#(list.joined(separator: ","))]}"#)
    }

    private let one = (fingerprint: "1", status: "firing", starts: "2026-11-21T18:00:00Z", ends: "0001-01-01T00:00:00Z")
    private let two = (fingerprint: "2", status: "firing", starts: "2026-11-21T18:00:00Z", ends: "0001-01-01T00:00:00Z")

    @Test func r28TheSameIsTheSame() throws {
        let key = try #require(try group([one, two]).repeatKey(route: "ops"))
        #expect(try group([one, two]).repeatKey(route: "ops") == key)
        // A twin lists in another order, and its annotations may have moved on.
        #expect(try group([two, one], note: "now 3").repeatKey(route: "ops") == key)
        #expect(try group([two, one, two]).repeatKey(route: "ops") == key)
        #expect(key.digest.count == 64)
    }

    @Test func r28EachPartCounts() throws {
        let key = try group([one, two]).repeatKey(route: "ops")
        #expect(try group([one, two]).repeatKey(route: "dev") != key)
        #expect(try group([one]).repeatKey(route: "ops") != key)
        #expect(try group([one, two], key: "{}:{a=\"2\"}").repeatKey(route: "ops") != key)
        var later = two
        later.starts = "2026-11-21T18:30:00Z"
        #expect(try group([one, later]).repeatKey(route: "ops") != key)
        var ended = one
        ended.status = "resolved"
        ended.ends = "2026-11-21T18:10:00Z"
        #expect(try group([ended]).repeatKey(route: "ops") != group([one]).repeatKey(route: "ops"))
        var endedLater = ended
        endedLater.ends = "2026-11-21T18:20:00Z"
        #expect(try group([ended]).repeatKey(route: "ops") != group([endedLater]).repeatKey(route: "ops"))
    }

    /// Some senders say "ends in four minutes" while it fires; that moves with each repeat and is no news.
    @Test func whatFiresHasNoEnd() throws {
        var moving = one
        moving.ends = "2026-11-21T18:22:00Z"
        #expect(try group([moving]).repeatKey(route: "ops") == group([one]).repeatKey(route: "ops"))
    }

    /// The alerts that one message doesn't keep count, too: a repeat is one of the whole.
    @Test func r28WhatIsCutCounts() throws {
        let many = (0..<150).map { (fingerprint: "f\($0)", status: "firing", starts: "2026-11-21T18:00:00Z", ends: "") }
        let made = try group(many)
        #expect(made.alerts.count == 100)
        #expect(made.truncated == 50)
        var other = many
        other[149].fingerprint = "other"
        #expect(try group(other).repeatKey(route: "ops") != made.repeatKey(route: "ops"))
    }

    @Test func deliveriesAndTexts() throws {
        let sample = try sample("push", of: "github")
        let made = try intake("github", sample: "push")
        #expect(made.repeatKey(route: "ops") != nil)
        var headers = sample.headers
        headers["x-github-delivery"] = "another"
        #expect(try intake("github", sample.body, headers: headers).repeatKey(route: "ops") != made.repeatKey(route: "ops"))
        headers["x-github-delivery"] = nil
        #expect(try intake("github", sample.body, headers: headers).repeatKey(route: "ops") == nil)
        #expect(try intake("text", "done").repeatKey(route: "ops") == nil)
    }

    /// Down, up and down again within minutes are three messages.
    @Test func flappingIsNoRepeat() throws {
        let sample = try sample("down", of: "healthchecks")
        let first = try intake("healthchecks", sample.body)
        #expect(first.repeatKey(route: "ops") == (try intake("healthchecks", sample.body)).repeatKey(route: "ops"))
        let again = try intake("healthchecks", sample.body.replacing("18:13:00", with: "18:13:40"))
        #expect(first.repeatKey(route: "ops") != again.repeatKey(route: "ops"))
        #expect(try intake("healthchecks", sample: "json-alone").repeatKey(route: "ops") == nil)
    }

    @Test func partsDontRunIntoEachOther() {
        var (left, right) = (AlertDigest(), AlertDigest())
        left.add(fingerprint: "ab", starts: "c", ends: nil)
        right.add(fingerprint: "a", starts: "bc", ends: nil)
        #expect(left.hex() != right.hex())
    }
}
