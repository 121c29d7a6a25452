import Delivery
public import XML
public import XMPP

extension Runtime {
    /// Accepts letters and remembers notes in one transaction: when it returns all of it is on disk, when it throws none of it is.
    public func accept(_ letters: [Letter], notes: [(key: String, bytes: [UInt8]?)], from account: Address) async throws {
        let desk = try mailDesk(account)
        for letter in letters {
            guard !letter.text.isEmpty, letter.text.utf8.count <= SendRequest.textLimit else {
                throw ControlError(.usage, "a text has \(letter.text.utf8.count) bytes; it may have 1 to \(SendRequest.textLimit)")
            }
        }
        try await desk.accept(letters.map(Draft.init), notes: notes)
        await desk.report(letters)
    }

    /// All notes of an account, by key.
    public func notes(of account: Address) async throws -> [String: [UInt8]] {
        do {
            return try await house.memories.store.notes(of: account)
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    /// Whether one of a contact's resources that the account sees announces corrections (XEP-0308).
    ///
    /// Of a client that was never seen before it is asked for the next time, by one request for each kind of client.
    public func takesCorrections(_ contact: Address, account: Address) async -> Bool {
        guard let equipment = try? await tenant(account)?.working() else { return false }
        return equipment.household.takesCorrections(contact)
    }

    /// Whether an account is online.
    public func isOnline(_ account: Address) async -> Bool {
        if case .online = await tenant(account)?.state { true } else { false }
    }

    /// Gives handlers of an account an event of our own.
    public func occur(_ element: Element, handler: String, id: String, account: Address) async throws {
        _ = try mailDesk(account)
        let occasion = Occasion(id: id, bot: handler, time: house.now(), element: element)
        if let problem = occasion.problem { throw ControlError(.usage, problem) }
        let verdict: JournalVerdict
        do {
            verdict = try await house.memories.store.record(
                account: account.bare,
                hash: occasion.hash,
                stanza: occasion.stanza,
                arrived: occasion.time
            )
        } catch {
            throw ControlError(.failed, "\(error)")
        }
        guard case .recorded(let number) = verdict else { return }
        // An account that isn't running finds it when it starts.
        if let equipment = try? await tenant(account)?.working() { await equipment.inbox.found(number) }
    }

    /// Accepts a text for all recipients in one transaction.
    func queue(_ request: SendRequest, to recipients: [Address]) async throws -> SendReport {
        let desk = try mailDesk(try settings.choose(request.from).jid)
        var seed: RequestSeeds.Seed?
        if request.key != nil {
            do {
                seed = try await requestSeeds.seed(of: desk.account, in: house.memories.store)
            } catch {
                throw ControlError(.failed, "the store can't be read: \(error)")
            }
        }
        let drafts = try recipients.map { recipient in
            Draft(
                payload: request.payload,
                recipient: recipient,
                id: try request.id(for: recipient, account: desk.account, seed: seed?.text)
            )
        }
        do {
            try await desk.accept(drafts, notes: [seed?.note].compactMap(\.self))
            if seed?.note != nil { await requestSeeds.isWritten(of: desk.account) }
        } catch {
            let problem = (error as? ControlError) ?? ControlError(.failed, "\(error)")
            return SendReport(recipients.map { SendOutcome(to: $0.description, state: .notSent, error: problem) })
        }
        for recipient in recipients { house.otherMessage(OtherMessage(account: desk.account, recipient: recipient)) }
        return SendReport(drafts.map { SendOutcome(to: $0.recipient.description, state: .accepted, id: $0.id) })
    }

    /// The account as it runs here; `nil` for one whose section of the file is wrong.
    func tenant(_ account: Address) -> Account? {
        accounts.first { $0.settings.jid == account.bare }
    }

    /// The way into an account's outbox, whether it is online or not.
    ///
    /// - Throws: ``ControlError`` of code `usage` for an account that the configuration doesn't have.
    func mailDesk(_ account: Address) throws -> MailDesk {
        guard settings.knows(account) else {
            throw ControlError(.usage, "\(account.bare) is no account of the configuration")
        }
        return MailDesk(account: account.bare, settings: settings.account(account), tenant: tenant(account), house: house)
    }
}

extension SendRequest {
    /// How long ``key`` may be, in bytes.
    public static let keyLimit = 256

    /// The id of a recipient's message.
    ///
    /// - Parameter seed: The account's; see ``RequestSeeds``.
    /// - Throws: ``ControlError`` of code `usage` for a key that is empty or too long.
    func id(for recipient: Address, account: Address, seed: String?) throws -> String {
        guard let key, let seed else { return Identifier.random() }
        guard !key.isEmpty, key.utf8.count <= Self.keyLimit else {
            throw ControlError(.usage, "the key of a request has 1 to \(Self.keyLimit) bytes")
        }
        // What is said belongs to it: another text under a key that was used is another message, never one that is dropped in silence.
        let files = (files ?? []).map { "\($0.name) \($0.type) \(Base64.encode(Array($0.data)))" }.joined(separator: "\n")
        return Identifier.derived("send", seed, account.description, key, recipient.description, text, subject ?? "", files)
    }
}
