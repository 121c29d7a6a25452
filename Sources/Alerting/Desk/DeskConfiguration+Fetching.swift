import Foundation
public import YAMLConfiguration

extension DeskConfiguration {
    /// Reads the templates' files and fetches the secrets that the settings name.
    ///
    /// - Throws: everything that is wrong, with file and line; a template's errors with those of the template.
    @concurrent public static func fetching(_ settings: AlertingSettings, environment: [String: String]) async throws(ConfigurationErrors)
        -> DeskConfiguration
    {
        var errors: [ConfigurationError] = []
        var templates: [String: AlertTemplate] = [:]
        var heartbeats: [String] = []
        var silencing: AlertmanagerClient?
        if let alerts = settings.alerts {
            for route in alerts.routes {
                do throws(ConfigurationErrors) { templates[route.name] = try await template(of: route) } catch { errors += error.errors }
            }
            for beat in alerts.heartbeatsOut {
                do throws(ConfigurationError) { heartbeats.append(try await url(of: beat, environment)) } catch { errors.append(error) }
            }
            do throws(ConfigurationError) {
                if let settings = alerts.alertmanager { silencing = try await AlertmanagerClient(settings, environment: environment) }
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        do throws(TemplateErrors) {
            return try DeskConfiguration(settings, templates: templates, silencing: silencing, heartbeats: heartbeats)
        } catch {
            throw ConfigurationErrors(error.errors.map(ConfigurationError.init))
        }
    }

    private static func template(of route: RouteSettings) async throws(ConfigurationErrors) -> AlertTemplate? {
        guard let file = route.template, let source = SourceRegistry()[route.source] else { return nil }
        let text: String
        do throws(Complaint) { text = try await TextFile.load(file, limit: TemplateLimits().template) } catch {
            throw route.unreadable(error)
        }
        return try check(text, file, source)
    }

    fileprivate static func check(_ text: String, _ file: String, _ source: any AlertSource) throws(ConfigurationErrors) -> AlertTemplate {
        do throws(TemplateErrors) { return try AlertTemplate(text, file: file, source: source) } catch {
            throw ConfigurationErrors(error.errors.map(ConfigurationError.init))
        }
    }

    private static func url(of beat: OutgoingHeartbeatSettings, _ environment: [String: String]) async throws(ConfigurationError) -> String
    {
        let url = try await beat.url.resolve(environment: environment)
        guard beat.isAddress(url) else { throw beat.noAddress }
        return url
    }
}

extension OutgoingHeartbeatSettings {
    fileprivate func isAddress(_ url: String) -> Bool {
        guard let parts = URLComponents(string: url), parts.scheme == "http" || parts.scheme == "https", parts.host?.isEmpty == false,
            parts.user == nil, parts.password == nil
        else { return false }
        return true
    }

    fileprivate var noAddress: ConfigurationError {
        url.error(Complaint("is no http or https address", hint: "write it like https://hc.example.org/…"))
    }
}

extension ConfigurationError {
    /// A template's error, at its own place.
    init(_ error: TemplateError) {
        self.init(file: error.file, error.message, hint: error.hint)
        (line, column) = (error.line, error.column)
    }
}

extension RouteSettings {
    fileprivate func unreadable(_ complaint: Complaint) -> ConfigurationErrors {
        ConfigurationErrors(
            ConfigurationError(at: position, path: "alerts.routes.\(name).template", complaint.message, hint: complaint.hint)
        )
    }
}

extension AlertingSettings {
    /// What is wrong besides the file itself: templates that can't be read or name what isn't there, secrets that can't be had, addresses that are
    /// none; and what is dangerous. Looks at the file system, so it blocks; runs no command that gives a secret.
    public func problems(environment: [String: String]) -> (errors: [ConfigurationError], warnings: [ConfigurationError]) {
        var (errors, warnings): ([ConfigurationError], [ConfigurationError]) = ([], [])
        func inspect(_ secret: Secret) {
            let found = secret.inspect(environment: environment)
            errors += [found.error].compactMap(\.self)
            warnings += [found.warning].compactMap(\.self)
        }
        for route in alerts?.routes ?? [] {
            guard let file = route.template, let source = SourceRegistry()[route.source] else { continue }
            do throws(ConfigurationErrors) {
                let text: String
                do throws(Complaint) { text = try TextFile.read(file, limit: TemplateLimits().template) } catch {
                    throw route.unreadable(error)
                }
                _ = try DeskConfiguration.check(text, file, source)
            } catch {
                errors += error.errors
            }
        }
        for beat in alerts?.heartbeatsOut ?? [] {
            inspect(beat.url)
            // That there is none is said already.
            guard let url = try? beat.url.peek(environment: environment), !beat.isAddress(url) else { continue }
            errors.append(beat.noAddress)
        }
        if let alertmanager = alerts?.alertmanager {
            for secret in [alertmanager.password, alertmanager.token].compactMap(\.self) { inspect(secret) }
            if let ca = alertmanager.ca, !FileManager.default.isReadableFile(atPath: ca) {
                errors.append(
                    ConfigurationError(
                        at: alertmanager.position,
                        path: "alerts.alertmanager.ca",
                        "there is no file \(ca) that we may read",
                        hint: "write a file of PEM certificates"
                    )
                )
            }
            if alertmanager.isReadableOnTheWay {
                warnings.append(
                    ConfigurationError(
                        at: alertmanager.position,
                        path: "alerts.alertmanager.url",
                        "is http to another host: who is on the way reads and changes silences, and the password with them",
                        hint: "write https, or let a proxy on this host do it"
                    )
                )
            }
        }
        return (errors, warnings)
    }
}

extension AlertmanagerSettings {
    /// Whether it is asked without TLS, and not on this host.
    fileprivate var isReadableOnTheWay: Bool {
        guard let parts = URLComponents(string: url), parts.scheme == "http", var host = parts.host else { return false }
        host.removeAll { "[]".contains($0) }
        return host != "localhost" && host != "::1" && !host.hasPrefix("127.")
    }
}
