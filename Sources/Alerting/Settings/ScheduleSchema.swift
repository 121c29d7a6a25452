import Foundation
import XMPP
import YAMLConfiguration

/// The keys of a schedule.
enum ScheduleSchema {
    static let cron = Key(
        "cron",
        ValueType<String>.name.checked(as: "five fields of cron, or @daily and the like") { (text) throws(Complaint) in
            try CronExpression(text)
        },
        "When: minute, hour, day of the month, month, day of the week."
    )
    static let zone = Key("zone", .zone, default: "UTC", "The time zone of that.")
    static let account = Key(optional: "account", .account, "The account that says it, if it isn't that of `alerts`.")
    static let to = Key("to", .strings, default: "[]", "Who gets `text`: names of people and groups, or addresses.")
    static let text = Key(optional: "text", .name, "The message.")
    static let handler = Key(
        optional: "handler",
        .name,
        "The bot of the account that gets an event instead of a message: its first handler of the element {urn:oxbow:schedule:0}schedule."
    )
    static let grace = Key(
        "grace",
        .seconds(0...86_400 * 7),
        default: "1h",
        "How late it is made up for after Oxbow was down; once, however often it was missed."
    )
    static let schema = Schema(cron, zone, account, to, text, handler, grace)

    static func settings(_ section: Section, name: String, account fallback: Address?, directory: PeopleDirectory)
        throws(ConfigurationErrors) -> ScheduleSettings
    {
        do throws(Complaint) { _ = try ValueType<String>.checkedName(name) } catch {
            throw ConfigurationErrors(section.error(error.message, hint: error.hint))
        }
        guard let account = section[account] ?? fallback else {
            throw ConfigurationErrors(section.error("has no account", hint: "add account: JID, since there is no alerts: that names one"))
        }
        let work: Schedule.Work
        switch (section[text], section[handler]) {
        case (let words?, nil):
            let text = ChatText.block(words, limit: 4000)
            guard !text.isEmpty else { throw ConfigurationErrors(section.error(Self.text, "has nothing that can be read")) }
            do throws(Complaint) {
                let people = try directory.plan(for: section[to]).first
                guard !people.isEmpty else { throw Complaint("names nobody", hint: "name people, groups or addresses") }
                work = .message(text, to: people)
            } catch {
                throw ConfigurationErrors(section.error(to, error.message, hint: error.hint))
            }
        case (nil, let handler?):
            guard section[to].isEmpty else { throw ConfigurationErrors(section.error(to, "has no meaning beside handler")) }
            work = .handler(handler)
        default: throw ConfigurationErrors(section.error("needs exactly one of text and handler"))
        }
        let clock = ScheduleClock(section[cron], zone: section[zone])
        return ScheduleSettings(account: account, schedule: Schedule(name: name, clock: clock, work: work, grace: section[grace]))
    }
}
