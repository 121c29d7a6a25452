import Foundation
import Oxbow
import YAMLConfiguration

extension HTTPSettings {
    /// What is wrong besides the file itself: secrets that can't be had or can't serve, files that can't be read, hooks that aren't there. Looks
    /// at the file system; runs nothing, so that a secret of a command is too short shows at start.
    ///
    /// - Parameter routes: The names of the alerts' routes; `nil` if nobody knows them.
    func problems(routes: [String]?, environment: [String: String]) -> SettingsProblems {
        var problems = SettingsProblems()
        var book = CredentialBook()
        for credential in credentials {
            let (error, warning) = credential.proof.secret.inspect(environment: environment)
            if let error { problems.errors.append(error) }
            if let warning { problems.warnings.append(warning) }
            if let secret = credential.proof.secret.atHand(environment: environment) {
                do throws(Complaint) { try book.add(credential, secret) } catch {
                    problems.errors.append(
                        ConfigurationError(at: credential.position, path: credential.path, error.message, hint: error.hint)
                    )
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
            for file in [tls.certificate, tls.key] where !FileManager.default.isReadableFile(atPath: file) {
                let hint = "write a PEM file, or give it to the user that runs Oxbow"
                problems.errors.append(
                    ConfigurationError(at: tls.position, path: tls.path, "there is no file \(file) that we may read", hint: hint)
                )
            }
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
