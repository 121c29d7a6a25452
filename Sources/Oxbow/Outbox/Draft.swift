import Delivery
import XML
import XMPP

/// A message before it is in an outbox; a long text becomes several there (R11).
struct Draft: Sendable {
    var payload: [Element]
    var recipient: Address
    var thread: String?
    var id: String
    /// The id of the message that it corrects (XEP-0308).
    var replaces: String?
    var expires: Int64?

    init(
        payload: [Element],
        recipient: Address,
        thread: String? = nil,
        id: String,
        replaces: String? = nil,
        expires: Int64? = nil
    ) {
        self.payload = payload
        self.recipient = recipient
        self.thread = thread
        self.id = id
        self.replaces = replaces
        self.expires = expires
    }

    /// A part of the process has written it.
    init(_ letter: Letter) {
        self.init(
            payload: .message(letter.text, subject: letter.subject),
            recipient: letter.recipient,
            thread: letter.thread,
            id: letter.id,
            replaces: letter.replaces,
            expires: letter.expires
        )
    }

    /// The messages that the outbox accepts.
    ///
    /// - Parameter limit: The largest stanza that the account's server takes, in bytes; `nil` if it isn't known.
    func messages(from account: Address, limit: Int?, now: Int64) -> [OutboxMessage] {
        var content = payload
        if let thread { content.append(Element("thread", Namespace.client, text: thread)) }
        var pieces = TextPieces.split(content, limit: limit)
        // A correction stands for one message: of several pieces none is the whole.
        if let replaces, pieces.count == 1 { pieces[0].append(Element("replace", Namespace.correction, ["id": replaces])) }
        return pieces.enumerated().map { index, piece in
            OutboxMessage(
                account: account,
                recipient: recipient,
                id: index == 0 ? id : "\(id)-\(index + 1)",
                payload: OutboxPayload.encode(piece),
                thread: thread,
                accepted: now,
                expires: expires
            )
        }
    }
}
