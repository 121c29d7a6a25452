import GRE
import OX
import OpenPGP
import XML
import XMPP

// A third kind of each, in one file: what somebody writes who needs another format or another encryption. It shouts, and adds one to each byte.

struct ToyFormatter: GatewayFormatter {
    let name = "toy"
    let version: Int
    var needsFreshData = false

    func format(_ message: OutgoingContent) throws(SealError) -> [UInt8] {
        guard let text = message.payload.first(where: { $0.local == "body" })?.text else { throw SealError(.payload, "no body") }
        return Array("\(message.data.senderID): \(text.uppercased())".utf8)
    }

    func parse(_ content: [UInt8]) throws(OpenRefusal) -> IncomingContent {
        IncomingContent(payload: [Element("body", Namespace.client, text: String(decoding: content, as: UTF8.self))])
    }
}

struct ToyEncrypter: GatewayEncrypter {
    let name = "toy"
    let version: Int

    func encrypt(_ content: [UInt8], to recipient: LegacyAddress, data: GatewayData) async throws(SealError) -> GatewayCiphertext {
        let children = content.map { Element("byte", "urn:example:toy", ["value": "\(Int($0) + 1)"]) }
        return GatewayCiphertext(encryptedElements: children)
    }

    func ciphertext(in element: Element) throws(OpenRefusal) -> [UInt8] {
        try element.all("byte", "urn:example:toy").map { child throws(OpenRefusal) -> UInt8 in
            guard let value = child["value"].flatMap({ UInt8($0) }) else { throw OpenRefusal(.envelope, "no byte") }
            return value
        }
    }

    func decrypt(_ ciphertext: [UInt8]) async throws(OpenRefusal) -> OpenedData {
        OpenedData(plaintext: ciphertext.map { $0 &- 1 }, signatures: [])
    }
}
