public import YAMLConfiguration

extension Settings {
    /// Where `config.yaml` is: the option, `OXBOW_CONFIG`, `./config.yaml`, `~/.config/oxbow/config.yaml`, `/etc/oxbow/config.yaml`.
    ///
    /// A file that was named must be there: nothing else is taken in its place.
    ///
    /// - Throws: ``ConfigurationErrors`` that names all places if there is none.
    public static func locate(option: String?, environment: [String: String]) throws(ConfigurationErrors) -> String {
        if let option { return option }
        if let named = environment["OXBOW_CONFIG"], !named.isEmpty { return named }
        var places = ["config.yaml"]
        if let home = environment["HOME"], home.hasPrefix("/") { places.append(home + "/.config/oxbow/config.yaml") }
        places.append("/etc/oxbow/config.yaml")
        if let found = places.first(where: FileProbe.exists) { return found }
        throw ConfigurationErrors(
            ConfigurationError(
                file: "config.yaml",
                "there is no configuration: none of \(places.joined(separator: ", ")) exists",
                hint: "write one, or name it with --config"
            )
        )
    }
}
