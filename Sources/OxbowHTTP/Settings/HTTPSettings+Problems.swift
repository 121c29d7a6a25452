import Foundation
import Oxbow
import YAMLConfiguration

extension HTTPSettings {
    /// What is wrong besides the file itself: secrets that can't be had or wouldn't be taken, files that can't be read or used, hooks that aren't
    /// there. Looks at the file system, so it blocks; binds nothing and runs no command, so that a command's output is too short shows at start.
    ///
    /// - Parameter routes: The names of the alerts' routes; `nil` if nobody knows them.
    func problems(routes: [String]?, environment: [String: String]) -> SettingsProblems {
        var problems = SettingsProblems()
        var book = CredentialBook()
        for credential in credentials {
            let secret = credential.proof.secret
            let (error, warning) = secret.inspect(environment: environment)
            if let warning { problems.warnings.append(warning) }
            if let error {
                problems.errors.append(error)
            } else {
                do throws(ConfigurationError) {
                    if let text = try secret.peek(environment: environment) { try book.add(credential, text) }
                } catch {
                    problems.errors.append(error)
                }
            }
            guard let routes else { continue }
            for case .hook(let name) in credential.may where !routes.contains(name) {
                let hint = nearest(to: name, among: routes).map { "did you mean 'hooks/\($0)'?" }
                problems.errors.append(
                    ConfigurationError(
                        at: credential.position,
                        path: credential.path,
                        "alerts.routes has no '\(name)'",
                        hint: hint ?? (routes.isEmpty ? "there is no alerts.routes" : "there are: " + routes.joined(separator: ", "))
                    )
                )
            }
        }
        if let tls {
            let missing = [tls.certificate, tls.key].filter { !FileManager.default.isReadableFile(atPath: $0) }
            for file in missing {
                let hint = "write a PEM file, or give it to the user that runs Oxbow"
                problems.errors.append(
                    ConfigurationError(at: tls.position, path: tls.path, "there is no file \(file) that we may read", hint: hint)
                )
            }
            if missing.isEmpty, let error = Certificates.problem(tls) { problems.errors.append(error) }
        }
        for place in listeners + metrics {
            guard case .unix(let path) = place.address, let complaint = UnixSocket.problem(path) else { continue }
            problems.errors.append(ConfigurationError(at: place.position, path: place.path, complaint.message, hint: complaint.hint))
        }
        for route in routes ?? [] where !credentials.contains(where: { $0.may.contains { $0.covers(.hook(route)) } }) {
            guard let place = listeners.first else { break }
            problems.warnings.append(
                ConfigurationError(
                    at: place.position,
                    path: "http.credentials",
                    "nobody may use the route '\(route)'",
                    hint: "add a credential with may: [hooks/\(route)]"
                )
            )
        }
        return problems
    }
}
