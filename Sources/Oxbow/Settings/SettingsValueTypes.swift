import OpenPGP
import XMPP
import YAMLConfiguration

extension ValueType where Value == Address {
    /// A bare JID with a localpart: an account, or somebody who has one.
    static var bareJID: Self {
        ValueType<String>.name.checked(as: "a bare JID (name@example.org)") { (text) throws(Complaint) in
            try bareAddress(text)
        }
    }
}

/// Reads a bare JID with a localpart, or `mailto:NAME via GATEWAY`.
func contactAddress(_ text: String) throws(Complaint) -> Address {
    guard LegacyName.isMeant(by: text) else { return try bareAddress(text) }
    let parts = try LegacyName.parts(of: text)
    return try LegacyName.address(of: parts.name, at: parts.gateway)
}

/// Reads a bare JID with a localpart.
func bareAddress(_ text: String) throws(Complaint) -> Address {
    guard let address = Address(text) else { throw Complaint("'\(text)' is no JID", hint: "write it like name@example.org") }
    guard address.isBare else {
        throw Complaint("'\(text)' has a resource", hint: "write \(address.bare)")
    }
    guard address.local != nil else { throw Complaint("'\(text)' has no name before an '@'", hint: "write it like name@\(text)") }
    return address
}

extension ValueType where Value == Fingerprint {
    /// A version 4 fingerprint; spaces and a leading `0x` are allowed, as programs print them.
    static var fingerprint: Self {
        ValueType<String>.name.checked(as: "a fingerprint (40 hexadecimal digits)") { (text) throws(Complaint) in
            let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text.filter { $0 != " " }
            guard let fingerprint = Fingerprint(digits) else {
                let hint = "gpg --fingerprint shows it; a key ID is not enough"
                throw Complaint("'\(text)' is no fingerprint: 40 hexadecimal digits are needed, there are \(digits.count)", hint: hint)
            }
            return fingerprint
        }
    }
}

extension ValueType {
    /// The type that doesn't fail: its value is the result or the errors, for lists whose good elements count although others are bad.
    func attempted() -> ValueType<Result<Value, ConfigurationErrors>> {
        ValueType<Result<Value, ConfigurationErrors>>(name, shape: shape) { (node, context) throws(ConfigurationErrors) in
            do throws(ConfigurationErrors) {
                return .success(try self(node, context))
            } catch {
                return .failure(error)
            }
        }
    }
}
