public import XMPP
import YAMLConfiguration

/// Why a Swift module doesn't take its settings.
public struct ModuleSettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and how it should be written.
    public let description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }

    fileprivate init(_ complaint: Complaint) {
        description = [complaint.message, complaint.hint].compactMap(\.self).joined(separator: "; ")
    }
}

extension ModuleSettings {
    /// Reads an address under `with:` as the YAML files write it everywhere else: `name@example.org`, or
    /// `mailto:name@example.org via GATEWAY` for somebody behind a gateway.
    ///
    /// - Throws: ``ModuleSettingsError``.
    public static func address(_ text: String) throws(ModuleSettingsError) -> Address {
        do throws(Complaint) {
            return try contactAddress(text)
        } catch {
            throw ModuleSettingsError(error)
        }
    }

    /// Reads a rate under `with:`, such as `30/1m`.
    ///
    /// - Throws: ``ModuleSettingsError``.
    public static func rate(_ text: String) throws(ModuleSettingsError) -> Rate {
        do throws(Complaint) {
            return try Rate.read(text)
        } catch {
            throw ModuleSettingsError(error)
        }
    }
}
