extension ConversationMachine {
    /// Asks for a silence: of the whole by the labels that its alerts share, of one alert by all its labels.
    mutating func silence(_ conversation: Conversation, member: Int?, _ seconds: Int64, _ reason: String, _ asker: Recipient)
        throws(AlertCommand.Misunderstanding)
    {
        func refuse(_ text: String) -> AlertCommand.Misunderstanding { AlertCommand.Misunderstanding(text: text) }
        let number = conversation.number
        guard routes[conversation.route]?.canSilence == true else {
            throw refuse("#\(number) doesn't come from an Alertmanager that I may silence. \"ack \(number)\" stops its reminders.")
        }
        let labels: [String: String]?
        if let member {
            guard let one = conversation.members.first(where: { $0.number == member }) else {
                throw refuse("There is no #\(number).\(member). \"show \(number)\" shows its alerts.")
            }
            labels = one.labels
        } else {
            labels = conversation.commonLabels
        }
        let name = member.map { "\(number).\($0)" } ?? "\(number)"
        guard let labels else { throw refuse("The labels of #\(name) are too long for a silence from here; make it in Alertmanager.") }
        guard !labels.isEmpty else {
            throw refuse(
                "The alerts of #\(number) have no label in common. Silence one of them: \"silence \(number).1 2h\"; \"show \(number)\" shows them."
            )
        }
        guard conversation.silences.count < limits.silences else { throw refuse("#\(number) has too many silences already.") }
        let why = ChatText.line(reason, limit: limits.note)
        output.append(
            .silence(
                SilenceRequest(
                    matchers: labels,
                    starts: now,
                    ends: now + seconds,
                    author: asker.person,
                    comment: why.isEmpty ? "from chat, #\(name)" : "\(why) (from chat, #\(name))",
                    target: AlertCommand.Target(number, member: member),
                    asker: asker,
                    cause: cause
                )
            )
        )
    }

    /// The alert manager has answered to ``AlertAction/silence(_:)``: who asked hears the id, the others that there is a silence.
    public mutating func silenced(_ request: SilenceRequest, _ outcome: SilenceOutcome, now time: Int64) -> [AlertAction] {
        begin(time)
        cause = request.cause
        remember(commandKey, for: Self.commandMemory)
        let number = request.target.number
        let name = request.target.member.map { "#\(number).\($0)" } ?? "#\(number)"
        let thread = conversations[number]?.thread
        switch outcome {
        case .failed(let reason):
            answer("No silence for \(name): \(ChatText.line(reason, limit: limits.note))", request.asker, thread: thread)
        case .done(let id):
            let id = ChatText.line(id, limit: 100)
            let length = Spoken.duration(Double(request.ends - request.starts))
            let by = request.matchers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            answer("\(name) silenced for \(length), id \(id): \(ChatText.line(by, limit: 1000))", request.asker, thread: thread)
            guard var conversation = conversations[number] else { break }
            conversation.silences.append(SilenceRecord(id: id, by: request.author, until: request.ends, member: request.target.member))
            let what = request.target.member == nil ? "silenced" : "alert \(name) silenced"
            tellOthers(&conversation, "\(what) for \(length) by \(request.author): \(request.comment)", request.asker)
            put(conversation)
        }
        return finish()
    }

    /// Asks for the end of a conversation's silences.
    mutating func unsilence(_ conversation: Conversation, member: Int?, _ asker: Recipient) throws(AlertCommand.Misunderstanding) {
        let silences = conversation.silences.filter { now < $0.until && (member == nil || $0.member == member) }
        guard !silences.isEmpty else {
            throw AlertCommand.Misunderstanding(
                text: "#\(conversation.number) has no silence that was made from here. With its id: \"unsilence ID\""
            )
        }
        output.append(
            .unsilence(UnsilenceRequest(ids: silences.map(\.id), conversation: conversation.number, asker: asker, cause: cause))
        )
    }

    /// The alert manager has answered to ``AlertAction/unsilence(_:)``.
    public mutating func unsilenced(_ request: UnsilenceRequest, _ outcome: SilenceOutcome, now time: Int64) -> [AlertAction] {
        begin(time)
        cause = request.cause
        remember(commandKey, for: Self.commandMemory)
        let ids = request.ids.joined(separator: ", ")
        let thread = request.conversation.flatMap { conversations[$0]?.thread }
        switch outcome {
        case .failed(let reason):
            answer("The silence \(ids) is still there: \(ChatText.line(reason, limit: limits.note))", request.asker, thread: thread)
        case .done:
            answer("The silence \(ids) is ended.", request.asker, thread: thread)
            guard let number = request.conversation, var conversation = conversations[number] else { break }
            conversation.silences.removeAll { request.ids.contains($0.id) }
            tellOthers(&conversation, "silence ended by \(request.asker.person)", request.asker)
            put(conversation)
        }
        return finish()
    }
}
