import XMPP

extension ConversationMachine {
    /// An outbox gave a message up, or holds it for want of a key: the person's next address gets the conversation's last text, or the note; when
    /// there is none, the next people of a conversation are told at once.
    public mutating func failed(id: String, to contact: Contact, now time: Int64) -> [AlertAction] {
        begin(time)
        cause = id
        count(.unreachable)
        unreachable = unreachable.filter { now < $0.value }
        if unreachable.count < limits.people { unreachable[contact] = now + 3600 }
        let next = nextContact(after: contact)
        for number in conversations.keys.sorted() {
            guard var conversation = conversations[number],
                let told = conversation.told.first(where: { $0.contact == contact && $0.message == id })
            else { continue }
            if let next {
                conversation.told.removeAll { $0.contact == contact }
                tell(&conversation, [Recipient(person: told.person, contact: next)], .instead(of: contact))
            } else if isCalled(told.person, in: conversation) {
                conversation.escalates = now
            }
            put(conversation)
        }
        if let note = sent[id], note.recipient.contact == contact {
            forget(note)
            if let next { say(note, at: next) }
        }
        return finish()
    }

    /// A message that isn't of this machine's making, a schedule's: it counts as the last one to its recipient, and goes to their next address if it
    /// can't be delivered.
    public mutating func posted(_ posting: Posting, now time: Int64) -> [AlertAction] {
        begin(time)
        latest[posting.recipient] = posting.id
        keep(posting, of: directory.person(at: posting.recipient).name)
        return finish()
    }

    /// Keeps a message outside of conversations (`text`: without what a failure put before it), if there is a further address that could get it.
    mutating func keep(_ posting: Posting, of person: String, text: String? = nil) {
        guard limits.sent > 0, directory.person(at: posting.recipient).contacts.last.map({ $0 != posting.recipient }) ?? false else {
            return
        }
        let oldest = sent.count < limits.sent ? nil : sent.values.min { ($0.at, $0.id) < ($1.at, $1.id) }
        if let oldest { forget(oldest) }
        let note = SentNote(
            id: posting.id,
            recipient: Recipient(person: person, contact: posting.recipient),
            text: text ?? posting.text,
            thread: posting.thread,
            conversation: posting.conversation,
            at: now
        )
        sent[note.id] = note
        output.append(.remember(.put(.sent(note))))
    }

    mutating func forget(_ note: SentNote) {
        sent[note.id] = nil
        output.append(.remember(.remove(AlertRecord.sent(note).key)))
    }

    /// Whether an alert waits for this person to take it, and somebody could be asked instead. Who is only told how it goes on isn't waited for.
    private func isCalled(_ person: String, in conversation: Conversation) -> Bool {
        guard conversation.state == .firing, conversation.escalates != nil, let plan = routes[conversation.route]?.plan,
            plan.steps.indices.contains(conversation.step), plan.steps[conversation.step].contains(where: { $0.name == person })
        else { return false }
        return !audience(of: plan, from: conversation.step + 1).recipients.isEmpty
    }

    private func nextContact(after contact: Contact) -> Contact? {
        directory.person(at: contact).contacts.drop { $0 != contact }.dropFirst().first { now >= unreachable[$0] ?? .min }
    }

    private mutating func say(_ note: SentNote, at contact: Contact) {
        let id = derived("message", ["instead", note.id, contact.address.description])
        latest[contact] = id
        let text = "(\(note.recipient.contact) couldn't be reached) " + note.text
        let posting = Posting(recipient: contact, thread: note.thread, text: fit(text), id: id, conversation: note.conversation)
        output.append(.message(posting))
        keep(posting, of: note.recipient.person, text: note.text)
    }
}
