/// Points in time as the content element and the lists of keys write them (XEP-0082 § 3.2).
enum Timestamp {
    /// `YYYY-MM-DDThh:mm:ssZ`: the one form that every known client reads (E4).
    static func text(_ seconds: Int64) -> String {
        let days = floorDivide(seconds, 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = civil(days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Seconds since 1970, fractions cut off; `nil` unless the text is a point in time with `Z`, `±hh:mm` or `±hhmm` (T5).
    static func seconds(_ text: String) -> Int64? {
        var scanner = Scanner(text.utf8)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2),
            scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2), scanner.skip(":"),
            let second = scanner.number(2),
            (1...12).contains(month), day >= 1, day <= length(of: month, year), hour <= 23, minute <= 59, second <= 60
        else { return nil }
        if scanner.skip(".") {
            guard scanner.digits(atMost: 12) else { return nil }
        }
        var offset: Int64 = 0
        if scanner.skip("Z") || scanner.skip("z") {
        } else {
            let east = scanner.skip("+")
            guard east || scanner.skip("-"), let hours = scanner.number(2) else { return nil }
            _ = scanner.skip(":")
            guard let minutes = scanner.number(2), hours <= 23, minutes <= 59 else { return nil }
            offset = (hours * 3600 + minutes * 60) * (east ? 1 : -1)
        }
        guard scanner.isAtEnd else { return nil }
        return days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + min(second, 59) - offset
    }

    private struct Scanner {
        private var rest: Substring.UTF8View
        init(_ text: String.UTF8View) { rest = text[...] }
        var isAtEnd: Bool { rest.isEmpty }
        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let first = rest.first, UInt32(first) == character.value else { return false }
            rest.removeFirst()
            return true
        }
        mutating func number(_ width: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<width {
                guard let digit = rest.first, (48...57).contains(digit) else { return nil }
                value = value * 10 + Int64(digit - 48)
                rest.removeFirst()
            }
            return value
        }
        mutating func digits(atMost limit: Int) -> Bool {
            var count = 0
            while let digit = rest.first, (48...57).contains(digit) {
                count += 1
                rest.removeFirst()
            }
            return (1...limit).contains(count)
        }
    }

    private static func length(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((b - 1 - a) / b) }

    // Days since 1970 in the proleptic Gregorian calendar, counted in years that begin in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let m = (month + 9) % 12
        return y * 365 + floorDivide(y, 4) - floorDivide(y, 100) + floorDivide(y, 400) + (m * 153 + 2) / 5 + day - 1 - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
    }
}
