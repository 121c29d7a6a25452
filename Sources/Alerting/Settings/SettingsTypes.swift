import Foundation
import XMPP
import YAMLConfiguration

extension ValueType where Value == Contact {
    /// An address of somebody.
    static var contact: Self {
        ValueType<String>.name.checked(as: "a bare JID (name@example.org), or mailto:name@example.org via GATEWAY") {
            (text) throws(Complaint) in
            try Contact(parsing: text)
        }
    }
}

extension ValueType where Value == Address {
    /// An account of the same file.
    static var account: Self {
        ValueType<String>.name.checked(as: "a bare JID (name@example.org)") { (text) throws(Complaint) in
            guard let address = Address(text), address.isBare, address.local != nil else {
                throw Complaint("'\(text)' is no account", hint: "write it like alerts@example.org")
            }
            return address
        }
    }
}

extension ValueType where Value == TimeZone {
    /// A zone of the IANA database.
    static var zone: Self {
        ValueType<String>.name.checked(as: "a time zone (UTC, Europe/Berlin)") { (text) throws(Complaint) in
            // Abbreviations mean different things in different places.
            guard text == "UTC" || text.contains("/"), let zone = TimeZone(identifier: text) else {
                let near = nearest(to: text, among: TimeZone.knownTimeZoneIdentifiers).map { "did you mean '\($0)'?" }
                throw Complaint("'\(text)' is no time zone", hint: near ?? "write UTC, or a name like Europe/Berlin")
            }
            return zone
        }
    }
}

extension ValueType where Value == Int64 {
    /// A duration in whole seconds.
    static func seconds(_ range: ClosedRange<Int64>) -> ValueType<Int64> {
        ValueType<Duration>.duration(.seconds(range.lowerBound) ... .seconds(range.upperBound)).checked { (duration) throws(Complaint) in
            duration.components.seconds
        }
    }
}

extension ValueType where Value == String {
    /// An address of the web, with a host and without a name, a password, a query or a fragment in it.
    static var httpURL: Self {
        name.checked(as: "an address (http://127.0.0.1:9093)") { (text) throws(Complaint) in
            guard let parts = URLComponents(string: text), parts.scheme == "http" || parts.scheme == "https", parts.host?.isEmpty == false,
                parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
            else {
                throw Complaint(
                    "expected an http or https address without a user, a query or a fragment",
                    hint: "write it like http://127.0.0.1:9093"
                )
            }
            var text = text
            while text.hasSuffix("/") { text.removeLast() }
            guard !text.hasSuffix("/api/v2") else { throw Complaint("/api/v2 is added to it", hint: "leave that out") }
            return text
        }
    }

    /// A name that stands in addresses and metrics: of a route, a person, a heartbeat, a schedule.
    static func checkedName(_ text: String) throws(Complaint) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { ChatText.isPlain($0) && !"\t\u{a0} /\\@:*?#%\"'<>".unicodeScalars.contains($0) }
        guard isPlain, (1...64).contains(text.unicodeScalars.count) else {
            throw Complaint("'\(ChatText.line(text, limit: 80))' is no name", hint: "a name has 1 to 64 letters, digits, '-', '_' or '.'")
        }
        return text
    }
}
