import Foundation
import Testing
import XMPP

/// Values for tests.
enum JSON {
    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    static func address(_ text: String) throws -> Address { try #require(Address(text)) }
}
