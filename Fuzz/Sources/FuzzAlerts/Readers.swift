import Foundation

@testable import Alerting

/// What stands alone: texts, paths, forms, schedules.
enum Readers {
    static func texts(_ fields: [[UInt8]], limit: Int) {
        for field in fields {
            let text = String(decoding: field, as: UTF8.self)
            Harmless.check(ChatText.line(text, limit: limit), limit: max(limit, 1), lines: false, "a line")
            Harmless.check(ChatText.block(text, limit: limit), limit: max(limit, 1), "a block")
            Harmless.check(ChatText.block(SlackText.plain(text), limit: 4000), limit: 4000, "Slack's text")
            Harmless.check(ChatText.line(EncodedWord.decoded(text), limit: 250), limit: 250, lines: false, "a header's text")
            if let link = WebLink.checked(text, limit: 300) { Harmless.check(link, limit: 300, lines: false, "a link") }
            if let time = Timestamp.read(text) { Harmless.check(Spoken.time(time, in: .gmt), limit: 40, lines: false, "a time") }
        }
    }

    static func target(_ fields: [[UInt8]]) {
        for field in fields {
            guard let target = try? RequestTarget(String(decoding: field, as: UTF8.self), limit: 4096) else { continue }
            guard target.query.count <= RequestTarget.queryLimit else { fatalError("a query has too many items") }
            for segment in target.segments {
                guard !segment.isEmpty, ![".", ".."].contains(segment),
                    !segment.utf8.contains(where: { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C || $0 == 0x7F })
                else { fatalError("a path leads somewhere else") }
            }
        }
    }

    static func form(_ fields: [[UInt8]]) {
        for field in fields {
            let read = FormBody.read(field)
            guard read.count <= 101, read.reduce(0, { $0 + $1.value.count }) <= field.count else { fatalError("a form grows") }
        }
    }

    static func schedule(_ fields: [[UInt8]], _ choice: Int) {
        guard let field = fields.first, let cron = try? CronExpression(String(decoding: field, as: UTF8.self)) else { return }
        let zones = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
        guard let zone = TimeZone(identifier: zones[choice % zones.count]) else { return }
        let clock = ScheduleClock(cron, zone: zone)
        // From 2021 on, in steps that no clock change is a multiple of.
        var time = 1_609_459_200 + Int64(choice) * 1_234_567
        for _ in 0..<3 {
            guard let next = clock.next(after: time) else { break }
            guard next > time, next % 60 == 0 else { fatalError("a schedule doesn't go on") }
            time = next
        }
    }
}
