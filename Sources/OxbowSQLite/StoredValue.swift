import GRDB
import OpenPGP
import XML
import XMPP

/// Values as text in the database. What can't be read back is damage, never a default.
extension StateDatabase {
    static func address(_ text: String) throws -> Address {
        guard let address = Address(text) else { throw Unreadable.value }
        return address
    }

    static func fingerprint(_ text: String) throws -> Fingerprint {
        guard let fingerprint = Fingerprint(text) else { throw Unreadable.value }
        return fingerprint
    }

    static func choice<Choice: RawRepresentable<String>>(_ text: String) throws -> Choice {
        guard let choice = Choice(rawValue: text) else { throw Unreadable.value }
        return choice
    }

    static func integer(_ text: String) throws -> Int64 {
        guard let value = Int64(text) else { throw Unreadable.value }
        return value
    }

    static func truth(_ text: String?) throws -> Bool {
        switch text {
        case "1": true
        case "0": false
        default: throw Unreadable.value
        }
    }

    static func element(_ text: String) throws -> Element {
        do throws(ParseError) {
            return try Document.parse(Array(text.utf8), limits: storedLimits)
        } catch {
            throw Unreadable.value
        }
    }

    /// What was taken from a stream fits in these: written in default-namespace form it needs more declarations, hence more attributes and bytes.
    private static var storedLimits: ParserLimits {
        let stream = ParserLimits.stream
        // Accounts with gateways may take stanzas larger than the usual ones.
        return ParserLimits(attributes: 2 * stream.attributes + 1, textBytes: 64 * stream.textBytes, stanzaBytes: 64 * stream.stanzaBytes)
    }
}

/// Thrown where a stored value makes no sense; reaches callers as a ``StoreError``.
enum Unreadable: Error {
    case value
}
