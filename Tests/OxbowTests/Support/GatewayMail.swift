import OX
import OpenPGP
import Testing
import XML
import XMPP

@testable import Oxbow

/// A message as a gateway brings it, for the tests of what handlers and programs get to see of it.
struct GatewayMail {
    static let sender = "carol\\40example.org@email.example.net"
    static let references = ["thread-1", "mail-2@example.org"]
    var text = "hello"
    var subject: String? = "Lunch"
    var attachments: [FileAttachment] = []
    /// How the signer's key came to be trusted; `nil` for a mail that nobody has signed.
    var source: Pin.Source? = .configuration
    var isAddressed = true
    var isAutomatic = false
    var mayCommand = true

    /// Records it in a yard's journal and dispatches it.
    @discardableResult
    func arrive(in yard: Yard) async throws -> Int64 {
        let payload = [Element].message(text, subject: subject, attachments: attachments)
        let number = try await yard.journal.add(payload, from: Self.sender, account: yard.account)
        let key = try #require(Fingerprint("0123456789ABCDEF0123456789ABCDEF01234567"))
        let message = OpenedMessage(
            account: yard.account,
            sender: try #require(Address(Self.sender)),
            authorship: source.map { .verified(signer: key, source: $0) } ?? .unverified,
            time: 1_700_000_000,
            payload: payload,
            hash: "hash",
            contentHash: "content",
            id: "stanza-1",
            originID: "stanza-1",
            thread: "thread-1",
            gateway: GatewayOrigin(
                gateway: try #require(Address("email.example.net")),
                legacyAddress: "carol@example.org",
                isAddressed: isAddressed,
                isAutomatic: isAutomatic,
                mayCommand: mayCommand,
                references: Self.references
            )
        )
        yard.dispatcher.dispatch(message, journalNumber: number)
        return number
    }
}
