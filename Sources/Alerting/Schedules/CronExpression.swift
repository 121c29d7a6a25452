public import YAMLConfiguration

/// When something recurs, in the five fields of cron: minute, hour, day of the month, month, day of the week.
///
/// A field is `*`, a number, a range (`9-17`), either with a step (`*/5`, `8-18/2`), or several with commas. Months and weekdays may be named
/// (`jan`, `mon`, in any case); Sunday is 0 and 7. `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly` and `@annually` stand for
/// what they say. As in Vixie's cron, a day matches when day of the month or day of the week does if neither begins with `*`, else when both do.
public struct CronExpression: Sendable, Hashable {
    /// As it was written.
    public let text: String
    let minutes: Set<Int>
    let hours: Set<Int>
    let days: Set<Int>
    let months: Set<Int>
    let weekdays: Set<Int>
    private let daysAreFree: Bool
    private let weekdaysAreFree: Bool

    /// Whether it recurs in every hour: then it follows the time that passes, and not the clock on the wall.
    var isEveryHour: Bool { hours.count == 24 }

    /// Reads an expression.
    ///
    /// - Throws: what is wrong with which field; also for a date that never comes, such as 31 February.
    public init(_ text: String) throws(Complaint) {
        self.text = text
        let name = text.lowercased()
        guard let whole = name.hasPrefix("@") ? Self.names[name] : name else {
            throw Complaint(
                "'\(text)' is no schedule",
                hint: "known are " + Self.names.keys.sorted().joined(separator: ", ") + ", or five fields"
            )
        }
        let fields = whole.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard fields.count == 5 else {
            throw Complaint(
                "a schedule has five fields (minute, hour, day, month, weekday), and not \(fields.count)",
                hint: "write it like '0 9 * * mon-fri', or @daily"
            )
        }
        minutes = try Self.values(fields[0], 0...59, "minute")
        hours = try Self.values(fields[1], 0...23, "hour")
        days = try Self.values(fields[2], 1...31, "day of the month")
        months = try Self.values(fields[3], 1...12, "month", Self.monthNames, from: 1)
        weekdays = Set(try Self.values(fields[4], 0...7, "day of the week", Self.weekdayNames, from: 0).map { $0 % 7 })
        daysAreFree = fields[2].hasPrefix("*")
        weekdaysAreFree = fields[4].hasPrefix("*")
        guard !daysAreFree && !weekdaysAreFree || months.contains(where: { Self.longest($0) >= days.min() ?? 32 }) else {
            throw Complaint("'\(text)' never comes: none of its months has day \(days.min() ?? 0)")
        }
    }

    /// Whether a day is one of its days.
    func matches(_ day: CivilDay) -> Bool {
        guard months.contains(day.month) else { return false }
        let (byDay, byWeekday) = (days.contains(day.day), weekdays.contains(day.weekday))
        return daysAreFree || weekdaysAreFree ? byDay && byWeekday : byDay || byWeekday
    }

    private static let names = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]
    private static let monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private static func longest(_ month: Int) -> Int { month == 2 ? 29 : [4, 6, 9, 11].contains(month) ? 30 : 31 }

    private static func values(_ field: String, _ range: ClosedRange<Int>, _ what: String, _ names: [String] = [], from first: Int = 0)
        throws(Complaint) -> Set<Int>
    {
        func complaint(_ part: Substring) -> Complaint {
            let words = names.isEmpty ? "" : ", or \(names.joined(separator: ", "))"
            return Complaint(
                "'\(part)' is no \(what)",
                hint: "it goes from \(range.lowerBound) to \(range.upperBound)\(words); ranges a-b, steps */n, lists a,b"
            )
        }
        func number(_ text: Substring, in part: Substring) throws(Complaint) -> Int {
            if let index = names.firstIndex(of: String(text)) { return index + first }
            guard !text.isEmpty, text.utf8.count <= 2, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
                range.contains(number)
            else { throw complaint(part) }
            return number
        }
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count <= 2, let front = halves.first else { throw complaint(part) }
            var bounds = range
            if front != "*" {
                let ends = front.split(separator: "-", omittingEmptySubsequences: false)
                guard ends.count <= 2 else { throw complaint(part) }
                let low = try number(ends[0], in: part)
                var high = ends.count == 2 ? try number(ends[1], in: part) : low
                // sat-sun: Sunday is the week's end as well as its beginning.
                if high == 0, low > 0, range.upperBound == 7 { high = 7 }
                guard low <= high else { throw complaint(part) }
                guard ends.count == 2 || halves.count == 1 else {
                    throw Complaint(
                        "'\(part)' has a step, but no range",
                        hint: "write \(low)-\(range.upperBound)/\(halves[1]), or */\(halves[1])"
                    )
                }
                bounds = low...high
            }
            var step = 1
            if halves.count == 2 {
                guard halves[1].utf8.count <= 2, let given = Int(halves[1]), given > 0 else { throw complaint(part) }
                step = given
            }
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return values
    }
}
