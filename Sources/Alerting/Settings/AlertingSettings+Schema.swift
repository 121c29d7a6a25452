import XMPP
public import YAMLConfiguration

extension AlertingSettings {
    private static let alertsKey = Key(
        optional: "alerts",
        .section(AlertsSchema.schema) { (section) throws(ConfigurationErrors) in section },
        "Alerts over HTTP: what becomes of them, whom they are told, who may answer."
    )
    private static let schedulesKey = Key(
        "schedules",
        .map(of: .section(ScheduleSchema.schema, name: "a schedule") { (section) throws(ConfigurationErrors) in section }),
        default: "{}",
        "What recurs, by name: messages to people, events for handlers."
    )

    /// The keys that this target adds to `config.yaml`: `people`, `groups`, `alerts`, `schedules`.
    public static let keys: [any SchemaKey] = [PeopleSchema.people, PeopleSchema.groups, alertsKey, schedulesKey]

    /// The keys alone, for the reference and for tests.
    public static let schema = Schema(keys)

    /// Reads the keys of a section whose schema has ``keys``.
    ///
    /// - Throws: Everything that is wrong, as far as one mistake doesn't hide another.
    public init(_ section: Section) throws(ConfigurationErrors) {
        let directory = try PeopleSchema.directory(section)
        var errors: [ConfigurationError] = []
        var alerts: AlertsSettings?
        let alertsSection = section[Self.alertsKey]
        if let alertsSection {
            do throws(ConfigurationErrors) { alerts = try AlertsSchema.settings(alertsSection, directory: directory) } catch {
                errors += error.errors
            }
        }
        var schedules: [ScheduleSettings] = []
        for entry in section[Self.schedulesKey] {
            do throws(ConfigurationErrors) {
                let account = alertsSection?[AlertsSchema.account]
                schedules.append(try ScheduleSchema.settings(entry.value, name: entry.key, account: account, directory: directory))
            } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        self.init(directory: directory, alerts: alerts, schedules: schedules)
    }
}
