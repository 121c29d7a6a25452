import Foundation
import XMPP
import YAMLConfiguration

/// The keys of a route.
enum RouteSchema {
    static let source = Key(
        "source",
        ValueType<String>.name.checked(as: SourceRegistry().names.joined(separator: ", ")) { (text) throws(Complaint) in
            let names = SourceRegistry().names
            guard names.contains(text) else {
                let near = SourceRegistry().nearest(to: text).map { "did you mean '\($0)'?" }
                throw Complaint("there is no source '\(text)'", hint: near ?? "there are " + names.joined(separator: ", "))
            }
            return text
        },
        "What sends to it."
    )
    static let to = Key("to", .strings, "Who is told: names of people and groups, or addresses.")
    static let account = Key(optional: "account", .account, "The account that tells, if it isn't that of `alerts`.")
    static let template = Key(optional: "template", .path, "The template's file. Left out, the source's own is used.")
    static let dedupe = Key(
        "dedupe",
        .seconds(0...86_400),
        default: "5m",
        "How long the same request counts as a retry or an HA twin's; later it is a reminder."
    )
    static let zone = Key("zone", .zone, default: "UTC", "The time zone of times in messages.")

    static let messages = Key(
        "messages",
        .integer(1...10_000),
        default: "20",
        "How many messages go out within the window before they are folded."
    )
    static let window = Key("window", .seconds(1...86_400), default: "5m", "The window.")
    static let summary = Key("summary_after", .seconds(1...86_400), default: "1m", "How long a count waits before it is told.")
    static let fold = Key(
        "fold",
        .section(Schema(messages, window, summary)) { (section) throws(ConfigurationErrors) in
            guard section[summary] <= section[window] else {
                throw ConfigurationErrors(section.error(summary, "is longer than the window"))
            }
            return StormGuard.Limits(
                messages: section[messages],
                window: TimeInterval(section[window]),
                summaryAfter: TimeInterval(section[summary])
            )
        },
        default: "{}",
        "When a storm is folded into counts."
    )

    static let after = Key(
        "after",
        .seconds(10...86_400),
        "How long an alert waits for somebody to acknowledge it before the next are told."
    )
    static let next = Key(
        "to",
        .strings,
        default: "[]",
        "Who is told next, one name after the other, behind those that a group with `notify: in-order` already has."
    )
    static let end = Key(
        "at_end",
        ValueType<Escalation.End>.choice,
        default: "stop",
        "Whether it stops after the last, and says so, or begins again with the first."
    )
    static let escalate = Key(
        optional: "escalate",
        .section(Schema(after, next, end)) { (section) throws(ConfigurationErrors) in
            EscalationSettings(
                rule: Escalation(after: section[after], end: section[end]),
                next: section[next],
                position: section.position(of: next),
                path: section.context.key(next.name).path
            )
        },
        "What happens to an alert that nobody acknowledges. Left out, nothing."
    )

    static let schema = Schema(source, to, account, template, dedupe, fold, escalate, zone)

    /// A route whose people are still names.
    struct Draft: Sendable {
        var section: Section
        var escalation: EscalationSettings?
    }

    struct EscalationSettings: Sendable {
        var rule: Escalation
        var next: [String]
        var position: Position
        var path: String
    }

    static var type: ValueType<Draft> {
        .section(schema, name: "a route") { (section) throws(ConfigurationErrors) in Draft(section: section, escalation: section[escalate])
        }
    }

    static func settings(_ draft: Draft, name: String, account fallback: Address, directory: PeopleDirectory, position: Position)
        throws(ConfigurationErrors) -> RouteSettings
    {
        let section = draft.section
        var plan = CallPlan()
        do throws(Complaint) { plan = try directory.plan(for: section[to]) } catch {
            throw ConfigurationErrors(section.error(to, error.message, hint: error.hint))
        }
        guard !plan.steps.isEmpty else { throw ConfigurationErrors(section.error(to, "names nobody")) }
        if let escalation = draft.escalation {
            do throws(Complaint) {
                for one in escalation.next { plan = plan.followed(by: try directory.plan(for: one)) }
            } catch {
                throw ConfigurationErrors(
                    ConfigurationError(at: escalation.position, path: escalation.path, error.message, hint: error.hint)
                )
            }
        }
        guard !plan.isCut else {
            throw ConfigurationErrors(
                section.error(
                    to,
                    "names more than \(CallPlan.peopleLimit) people, or more than \(CallPlan.stepLimit) steps: some would never be told",
                    hint: "make several routes of it"
                )
            )
        }
        return RouteSettings(
            name: name,
            account: section[account] ?? fallback,
            source: section[source],
            template: section[template],
            plan: plan,
            dedupe: section[dedupe],
            fold: section[fold],
            escalation: draft.escalation?.rule,
            zone: section[zone],
            position: position
        )
    }
}
