import Foundation
import OpenPGP
import XML
import XMPP

@testable import OxbowSQLite

/// A directory for one test, removed with its content.
func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appending(path: "oxbow-\(UInt32.random(in: 0...UInt32.max))").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    do {
        let value = try await body(path)
        try FileManager.default.removeItem(atPath: path)
        return value
    } catch {
        try? FileManager.default.removeItem(atPath: path)
        throw error
    }
}

/// A database in a directory of its own, closed afterwards.
func withDatabase<Value>(_ body: (StateDatabase) async throws -> Value) async throws -> Value {
    try await withDirectory { directory in
        let database = try await StateDatabase.open(path: directory + "/state.db", now: 1000)
        let value = try await body(database)
        try await database.close()
        return value
    }
}

func address(_ text: String) throws -> Address {
    guard let address = Address(text) else { throw NoAddress() }
    return address
}

struct NoAddress: Error {}

func fingerprint(_ digit: Character) throws -> Fingerprint {
    guard let fingerprint = Fingerprint(String(repeating: digit, count: 40)) else { throw NoAddress() }
    return fingerprint
}

func stanza(_ text: String) -> Element {
    var message = Element(
        "message",
        "jabber:client",
        ["from": "juliet@example.org/a", "type": "chat"],
        [Element("openpgp", "urn:xmpp:openpgp:0", text: text), Element("body", "jabber:client", text: "a < b & 'c' \n \u{E9}")]
    )
    message.attributes[Name("lang", Element.xmlNamespace)] = "en"
    return message
}
