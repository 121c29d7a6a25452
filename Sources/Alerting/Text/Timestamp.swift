import Foundation

/// Times as senders write them.
enum Timestamp {
    /// RFC 3339 (`2026-11-21T18:02:11.5Z`, with any offset), the forms of GitLab (`2026-11-21 18:02:11 UTC`, `… +0100`) and Unix seconds.
    /// `nil` for what isn't a time, and for Go's zero time (the year 1), which means "none".
    static func read(_ text: String) -> Date? {
        var scanner = Scanner(text)
        guard let seconds = scanner.time() else { return nil }
        // The years 1971 to 9999: before that senders mean "none".
        guard seconds >= 31_536_000, seconds < 253_402_300_800 else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }

    /// Unix seconds; milliseconds when the number is too large for seconds.
    static func unix(_ seconds: Double) -> Date? {
        guard seconds.isFinite else { return nil }
        let value = seconds > 100_000_000_000 ? seconds / 1000 : seconds
        guard value >= 31_536_000, value < 253_402_300_800 else { return nil }
        return Date(timeIntervalSince1970: value)
    }

    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = text.utf8.prefix(40) }

        private mutating func number(_ digits: Int) -> Int? {
            let taken = rest.prefix(digits)
            guard taken.count == digits, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            return taken.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        private mutating func skip(_ letters: String) -> Bool {
            guard let first = rest.first, letters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func time() -> Double? {
            guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
                let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
                (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
            else { return nil }
            var fraction = 0.0
            if skip(".,") {
                var scale = 0.1
                while let digit = number(1) {
                    fraction += Double(digit) * scale
                    scale /= 10
                }
            }
            while skip(" ") {}
            var offset = 0
            if skip("Zz") || Array(rest) == Array("UTC".utf8) || rest.isEmpty {
                // Universal time, also when nothing is said.
            } else if let sign = rest.first, skip("+-") {
                guard let hours = number(2), hours < 24 else { return nil }
                _ = skip(":")
                guard let minutes = number(2), minutes < 60 else { return nil }
                offset = (hours * 3600 + minutes * 60) * (sign == 0x2D ? -1 : 1)
            } else {
                return nil
            }
            let days = Self.days(year, month, day)
            return Double(days * 86_400 + hour * 3600 + minute * 60 + second - offset) + fraction
        }

        /// Days since 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day is the last.
        private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
            let shifted = month > 2 ? year : year - 1
            let era = shifted / 400
            let yearOfEra = shifted - era * 400
            let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        }
    }
}
