import YAMLConfiguration

/// The sources by name.
public struct SourceRegistry: Sendable {
    private var byName: [String: any AlertSource] = [:]

    /// A registry of these; of two with one name, the later.
    public init(_ sources: [any AlertSource] = Self.builtIn) {
        for source in sources { byName[source.name] = source }
    }

    /// The sources that ship.
    public static let builtIn: [any AlertSource] = [
        AlertmanagerSource(), GrafanaSource(), GitHubSource(), GitLabSource(), SlackSource(), HealthchecksSource(), JSONSource(),
        TextSource(),
    ]

    /// The source of this name.
    public subscript(name: String) -> (any AlertSource)? { byName[name] }

    /// All names, sorted: for messages such as "there is no source 'promtheus'; there are …".
    public var names: [String] { byName.keys.sorted() }

    /// The name that was probably meant by one that there isn't.
    public func nearest(to name: String) -> String? { YAMLConfiguration.nearest(to: name, among: names) }

    /// All sources, by name.
    public var sources: [any AlertSource] { names.compactMap { byName[$0] } }
}
