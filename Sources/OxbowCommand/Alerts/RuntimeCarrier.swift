import Alerting
import Oxbow
import XML
import XMPP

/// Carries the alerts of the desk through the accounts of the runtime.
struct RuntimeCarrier: AlertCarrier {
    let link: RuntimeLink

    /// Messages and changes in one batch, as the mailroom does it.
    func accept(_ postings: [Posting], _ changes: [AlertChange], from account: Address) async throws {
        let notes = try changes.map { (key: NoteBook.key($0.key), bytes: try $0.encoded()) }
        try await link.runtime().accept(postings.map(Letter.init), notes: notes, from: account)
    }

    /// Those who announce corrections; nobody behind a gateway does.
    func correctable(among contacts: Set<Contact>, of account: Address) async -> Set<Contact> {
        guard let runtime = try? link.runtime() else { return [] }
        var able: Set<Contact> = []
        for contact in contacts where await runtime.takesCorrections(contact.address, account: account) { able.insert(contact) }
        return able
    }

    /// An event of our own; see `Mailroom.occur`.
    func occur(schedule: String, handler: String, at time: Int64, id: String, account: Address) async throws {
        let element = Element("schedule", "urn:oxbow:schedule:0", ["name": schedule, "time": "\(time)"])
        try await link.runtime().occur(element, handler: handler, id: id, account: account)
    }
}

extension Letter {
    /// An alert's message.
    fileprivate init(_ posting: Posting) {
        self.init(
            to: posting.recipient.address,
            posting.text,
            id: posting.id,
            // A mail without one is hard to find on a phone; the gateway's people see the first line there.
            subject: posting.recipient.isBehindGateway ? Self.subject(posting.text) : nil,
            thread: posting.thread,
            replaces: posting.replaces
        )
    }

    /// The first line, cut at a word where it is long.
    private static func subject(_ text: String) -> String {
        let line = text.prefix { !$0.isNewline }
        guard line.count > subjectLimit else { return String(line) }
        let cut = line.prefix(subjectLimit - 1)
        let end = cut.lastIndex(of: " ") ?? cut.endIndex
        return cut[..<end] + "…"
    }

    private static var subjectLimit: Int { 100 }
}
