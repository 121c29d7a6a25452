import Foundation
import XML
import XMPP

/// What Libervia's gateway said, as it was recorded; see Fixtures/README.md.
enum Fixture {
    struct Missing: Error {}

    static func element(_ name: String) throws -> Element {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/\(name).xml"
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        return try Document.parse(bytes, limits: .stream)
    }

    /// The payload of a recorded answer to an IQ.
    static func payload(_ name: String) throws -> Element {
        guard let payload = try element(name).elements.first else { throw Missing() }
        return payload
    }

    static func message(_ name: String, account: Address) throws -> Message {
        guard let message = Message(try element(name), account: account) else { throw Missing() }
        return message
    }
}
