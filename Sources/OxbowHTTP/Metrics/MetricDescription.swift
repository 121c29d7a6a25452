/// What a metric is: the line that ``MetricCatalogue`` has for it.
public struct MetricDescription: Sendable, Hashable {
    /// How Prometheus takes its values.
    public enum Kind: String, Sendable, Hashable {
        /// It only grows, from zero at the start of the process.
        case counter
        /// It goes up and down.
        case gauge
        /// How many values fell below each bound, in seconds.
        case histogram
    }

    /// A label, and which values it may have.
    public struct Label: Sendable, Hashable {
        /// What is known of the values before anything was counted.
        public enum Values: Sendable, Hashable {
            /// The accounts (bare JIDs) of the configuration.
            case accounts
            /// The bots of the account that the other label names.
            case bots
            /// The routes of alerts.
            case routes
            /// These words.
            case words([String])
            /// Names that nothing but the counting tells, such as a route's. There are as many as the configuration has.
            case names
        }

        /// Its name.
        public var name: String
        /// Which values it may have.
        public var values: Values

        /// Makes a label.
        public init(_ name: String, _ values: Values) {
            self.name = name
            self.values = values
        }

        static let account = Label("account", .accounts)
        static let bot = Label("bot", .bots)
        static let route = Label("route", .routes)
        /// A label with fixed words.
        static func words(_ name: String, _ words: String...) -> Label { Label(name, .words(words)) }
        /// A label whose values aren't known before.
        static func names(_ name: String) -> Label { Label(name, .names) }
    }

    /// Its name.
    public var name: String
    /// How Prometheus takes its values.
    public var kind: Kind
    /// What it says, in one line: the text behind `# HELP`.
    public var help: String
    /// Its labels, in the order of the documentation.
    public var labels: [Label]

    init(_ kind: Kind, _ name: String, _ help: String) { self.init(kind, name, [], help) }

    init(_ kind: Kind, _ name: String, _ labels: [Label], _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }
}
