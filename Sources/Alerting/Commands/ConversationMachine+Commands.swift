public import XMPP

extension ConversationMachine {
    /// How long somebody who was refused isn't told so again, in seconds.
    static let refusalInterval: Int64 = 86_400
    /// How long a command that is handled again is known, in seconds: longer than the bot takes late ones.
    static let commandMemory: Int64 = 7200

    /// Somebody writes in chat. The caller has verified who it is. What was obeyed isn't obeyed again.
    ///
    /// - Parameters:
    ///   - thread: The message's thread: within a conversation's no number is needed.
    ///   - id: What tells this message from others and stays the same when it is handled again: its origin-id, or the journal's number.
    public mutating func command(_ text: String, from sender: Address, thread: String?, id: String, now time: Int64) -> [AlertAction] {
        begin(time)
        let contact = Contact(sender)
        let asker = Recipient(person: directory.person(at: contact).name, contact: contact)
        cause = "command/\(contact)/\(id)"
        guard rights.allow(contact) else {
            refuse(asker, thread)
            return finish()
        }
        if let until = seen[commandKey], now < until {
            count(.repeated)
            return finish()
        }
        let here = thread.flatMap { thread in conversations.values.first { $0.thread == thread } }
        do throws(AlertCommand.Misunderstanding) {
            try obey(AlertCommand(text), asker, here?.number, thread)
        } catch {
            answer(error.text, asker, thread: thread)
        }
        // What the alert manager is asked for is done when it has answered.
        if !output.contains(where: \.isRequest) { remember(commandKey, for: Self.commandMemory) }
        return finish()
    }

    /// The key of the command that is being handled.
    var commandKey: RepeatKey {
        var digest = PartDigest("oxbow command 1")
        digest.add(cause)
        return RepeatKey(digest: digest.hex())
    }

    private mutating func refuse(_ asker: Recipient, _ thread: String?) {
        count(.refused)
        if let before = refused[asker.contact], now < before + Self.refusalInterval { return }
        // Who writes under ever new addresses gets no answer at all once there are too many.
        guard refused.count < limits.people else { return }
        refused[asker.contact] = now
        answer("Sorry, I take commands only from those whom my configuration names.", asker, thread: thread)
    }

    /// An answer, to who asked only. It is no message of a conversation, and quiet doesn't hold it back.
    mutating func answer(_ text: String, _ asker: Recipient, thread: String?) {
        let id = derived("message", ["answer", cause, asker.contact.address.description])
        latest[asker.contact] = id
        output.append(.message(Posting(recipient: asker.contact, thread: thread, text: fit(text), id: id)))
    }

    /// The conversation that is meant: by number, else by thread.
    func find(_ target: AlertCommand.Target?, _ here: Int?) throws(AlertCommand.Misunderstanding) -> Conversation {
        guard let number = target?.number ?? here else {
            let one = open.count == 1 ? open.values.first.map { " There is one: \"show \($0)\"." } : nil
            throw AlertCommand.Misunderstanding(
                text: "Which one? Give its number, or answer in its thread." + (one ?? " \"list\" shows them.")
            )
        }
        guard let conversation = conversations[number] else {
            throw AlertCommand.Misunderstanding(text: "There is no #\(number). \"list\" shows what is open.")
        }
        return conversation
    }

    private func findOpen(_ target: AlertCommand.Target?, _ here: Int?) throws(AlertCommand.Misunderstanding) -> Conversation {
        let conversation = try find(target, here)
        guard !conversation.isClosed else {
            throw AlertCommand.Misunderstanding(text: "#\(conversation.number) is over: \(conversation.title)")
        }
        return conversation
    }

    private mutating func obey(_ command: AlertCommand, _ asker: Recipient, _ here: Int?, _ thread: String?) throws(AlertCommand
        .Misunderstanding)
    {
        switch command {
        case .help: answer(AlertCommand.helpText, asker, thread: thread)
        case .list: answer(listText(), asker, thread: thread)
        case .who: answer(whoText(), asker, thread: thread)
        case .show(let target):
            let conversation = try find(target, here)
            answer(showText(conversation), asker, thread: conversation.thread)
        case .ack(let target, let note): acknowledge(try findOpen(target, here), asker, note)
        case .unack(let target): try release(try findOpen(target, here), asker)
        case .close(let target, let note): end(try findOpen(target, here), asker, note)
        case .silence(let target, let seconds, let reason):
            try silence(try findOpen(target, here), member: target?.member, seconds, reason, asker)
        case .unsilence(let target): try unsilence(try find(target, here), member: target?.member, asker)
        case .unsilenceID(let id):
            let number = conversations.values.first { $0.silences.contains { $0.id == id } }?.number
            output.append(.unsilence(UnsilenceRequest(ids: [id], conversation: number, asker: asker, cause: cause)))
        case .mute(let target, let seconds): try mute(target, seconds, asker, thread)
        case .unmute(let target): try unmute(target, asker, thread)
        }
    }

    // MARK: Acknowledging

    private mutating func acknowledge(_ old: Conversation, _ asker: Recipient, _ note: String) {
        var conversation = old
        let note = ChatText.line(note, limit: limits.note)
        let before = conversation.acknowledgement.map { $0.by == asker.person ? " You had it already." : " \($0.by) had it before." } ?? ""
        conversation.state = .acknowledged
        conversation.escalates = nil
        conversation.acknowledgement = Conversation.Acknowledgement(by: asker.person, at: now, note: note)
        answer("#\(conversation.number) acknowledged.\(before)", asker, thread: conversation.thread)
        tellOthers(&conversation, "acknowledged by \(asker.person)" + (note.isEmpty ? "" : ": " + note), asker)
        put(conversation)
    }

    private mutating func release(_ old: Conversation, _ asker: Recipient) throws(AlertCommand.Misunderstanding) {
        var conversation = old
        guard conversation.state == .acknowledged else {
            throw AlertCommand.Misunderstanding(text: "#\(old.number) isn't acknowledged.")
        }
        conversation.state = .firing
        conversation.acknowledgement = nil
        conversation.escalates = routes[conversation.route]?.escalation.map { now + $0.after }
        answer("#\(conversation.number) isn't acknowledged any more.", asker, thread: conversation.thread)
        tellOthers(&conversation, "acknowledgement taken back by \(asker.person)", asker)
        put(conversation)
    }

    /// Ends a conversation whose sender never will.
    private mutating func end(_ old: Conversation, _ asker: Recipient, _ note: String) {
        var conversation = old
        let note = ChatText.line(note, limit: limits.note)
        close(&conversation)
        answer("#\(conversation.number) closed. What fires again is a new one.", asker, thread: conversation.thread)
        tellOthers(&conversation, "closed by \(asker.person)" + (note.isEmpty ? "" : ": " + note), asker)
        put(conversation)
    }

    /// Tells what one did to all others who got the alert.
    mutating func tellOthers(_ conversation: inout Conversation, _ what: String, _ asker: Recipient) {
        let others = conversation.told.filter { $0.person != asker.person && $0.contact != asker.contact }
        guard !others.isEmpty else { return }
        let audience = others.map { Recipient(person: $0.person, contact: $0.contact) }
        say("\(what) (\(conversation.title))", in: &conversation, to: audience, .word)
    }

    // MARK: Quiet

    private mutating func mute(_ target: AlertCommand.Target?, _ seconds: Int64, _ asker: Recipient, _ thread: String?)
        throws(AlertCommand.Misunderstanding)
    {
        let length = Spoken.duration(Double(seconds))
        if let target {
            var conversation = try findOpen(target, nil)
            guard conversation.mutes.count < limits.people || conversation.mutes[asker.person] != nil else {
                throw AlertCommand.Misunderstanding(text: "Too many people have muted #\(conversation.number).")
            }
            conversation.mutes[asker.person] = now + seconds
            put(conversation)
            answer(
                "No reminders of #\(conversation.number) for you for \(length); you hear when it gets worse or is over.",
                asker,
                thread: conversation.thread
            )
            return
        }
        guard mutes.count < limits.people || mutes[asker.person] != nil else {
            throw AlertCommand.Misunderstanding(text: "Too many people have muted already.")
        }
        let old = mutes[asker.person]
        mutes[asker.person] = PersonMute(
            person: asker.person,
            contact: asker.contact,
            until: now + seconds,
            missed: old?.missed ?? 0,
            conversations: old?.conversations ?? []
        )
        changed.mutes.insert(asker.person)
        answer(
            "Quiet for you for \(length). What nobody else would hear comes all the same; at the end you hear what there was.",
            asker,
            thread: thread
        )
    }

    private mutating func unmute(_ target: AlertCommand.Target?, _ asker: Recipient, _ thread: String?) throws(AlertCommand
        .Misunderstanding)
    {
        if let target {
            var conversation = try findOpen(target, nil)
            conversation.mutes[asker.person] = nil
            put(conversation)
            answer("Reminders of #\(conversation.number) come again.", asker, thread: conversation.thread)
        } else if mutes[asker.person] == nil {
            answer("It wasn't quiet for you.", asker, thread: thread)
        } else {
            answer("Not quiet any more.", asker, thread: thread)
            endMute(of: asker.person)
        }
    }
}
