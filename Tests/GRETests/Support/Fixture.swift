import Foundation
import XML
import XMPP

/// What Libervia's gateway said, as it was recorded; see Fixtures/README.md.
enum Fixture {
    struct Missing: Error {}

    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/" + name
    }

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    static func element(_ name: String) throws -> Element { try Document.parse(try bytes(name + ".xml"), limits: .stream) }

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
