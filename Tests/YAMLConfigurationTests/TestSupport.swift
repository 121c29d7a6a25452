import Foundation
import YAMLConfiguration

/// A folder for one test, removed when its body is done.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oxc-" + UUID().uuidString.prefix(8)).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// Reads text by a schema; the errors' lines when it is refused.
func read(_ text: String, _ schema: Schema, environment: [String: String] = [:]) -> (section: Section?, errors: [String]) {
    do throws(ConfigurationErrors) {
        return (try ConfigurationFile(text: text, path: "config.yaml").read(schema, environment: environment), [])
    } catch {
        return (nil, error.errors.map(\.description))
    }
}

/// Reads one value of a type, as the key `x` of a file.
func value<Value>(_ text: String, _ type: ValueType<Value>, environment: [String: String] = [:]) -> Result<Value, ConfigurationErrors> {
    do throws(ConfigurationErrors) {
        let key = Key("x", type, "")
        return .success(try ConfigurationFile(text: "x: " + text, path: "config.yaml").read(Schema(key), environment: environment)[key])
    } catch {
        return .failure(error)
    }
}

extension Result where Failure == ConfigurationErrors {
    /// The errors as they are printed; empty on success.
    var complaint: String { if case .failure(let errors) = self { errors.description } else { "" } }
    /// The value, if there is one.
    var value: Success? { try? get() }
}
