import FoundationEssentials
import GRE
import OX
import XML
import XMPP
import YAMLConfiguration

/// What `oxbow send` does with a running account: one text, each recipient alone (R8), an outcome each (R10, R14).
struct Sending: Sendable {
    let outbox: DirectOutbox

    /// Sends to all recipients beside each other.
    func send(_ payload: [Element], to recipients: [Address], within limit: Duration) async -> [SendOutcome] {
        await withTaskGroup(of: (Int, SendOutcome).self) { group in
            for (index, recipient) in recipients.enumerated() {
                group.addTask { (index, await send(payload, to: recipient, within: limit)) }
            }
            var outcomes = [SendOutcome?](repeating: nil, count: recipients.count)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes.compactMap(\.self)
        }
    }

    /// What is sure to be too big for people behind gateways, before there is any connection (R11). OX has no files, so texts are never.
    ///
    /// - Parameter learnt: What the store knows of the server's limit.
    static func refuse(_ payload: [Element], to recipients: [Address], _ account: AccountSettings, learnt: Int?) -> [SendOutcome] {
        let limits = [account.maxStanza.map { SizeLimit($0, .configured) }, learnt.map { SizeLimit($0, .learnt) }].compactMap(\.self)
        guard let limit = limits.min(by: { $0.bytes < $1.bytes }) else { return [] }
        let gateways = Set(account.gateways.map(\.jid))
        return recipients.filter { gateways.contains($0.domainAddress) }.compactMap { recipient in
            do throws(SealError) {
                try GatewaySealer.refuse(payload, over: limit, formatters: AccountGateways.formatters)
                return nil
            } catch {
                return SendOutcome(to: recipient.description, state: .notSent, error: SendProblem(error).controlError)
            }
        }
    }

    private func send(_ payload: [Element], to recipient: Address, within limit: Duration) async -> SendOutcome {
        do {
            try await outbox.send(payload, to: recipient, within: limit)
            return SendOutcome(to: recipient.description, state: .sent)
        } catch let failure as DirectOutbox.Failure {
            let isKnown = failure.cause is Bounces.Refused
            let state: SendOutcome.State = failure.mayHaveLeft && !isKnown ? .unknown : .notSent
            return SendOutcome(to: recipient.description, state: state, error: SendProblem(failure.cause).controlError)
        } catch {
            return SendOutcome(to: recipient.description, state: .notSent, error: ControlError(.failed, "the account has been stopped"))
        }
    }
}

extension SendRequest {
    /// The recipients' addresses.
    ///
    /// - Throws: ``ControlError`` of code `usage` for one that is none, for none at all, and for a text that is empty or too long.
    func recipients() throws -> [Address] {
        guard !to.isEmpty else { throw ControlError(.usage, "no recipient is given") }
        guard !text.isEmpty || files?.isEmpty == false else { throw ControlError(.usage, "the text is empty: there is nothing to send") }
        guard text.utf8.count <= Self.textLimit else {
            throw ControlError(.usage, "the text has \(text.utf8.count) bytes; at most \(Self.textLimit) can be sent in a message")
        }
        let size = (files ?? []).reduce(0) { $0 + $1.data.count }
        guard size <= FileAttachment.limit else {
            throw ControlError(.usage, "the files have \(size) bytes; at most \(FileAttachment.limit) can be attached to a message")
        }
        guard timeout > 0, timeout.isFinite, timeout <= 86_400 else {
            throw ControlError(.usage, "the time-out must be between 0 and 86400 seconds")
        }
        return try to.map { text in
            if LegacyName.isMeant(by: text) {
                do throws(Complaint) {
                    return try contactAddress(text)
                } catch {
                    throw ControlError(.usage, [error.message, error.hint].compactMap(\.self).joined(separator: "; "))
                }
            }
            guard let address = Address(text), address.isBare, address.local != nil else {
                throw ControlError(.usage, "'\(text)' is no bare JID; write it like name@example.org")
            }
            return address
        }
    }

    /// What is sent.
    var payload: [Element] {
        let attachments = (files ?? []).map { FileAttachment(name: $0.name, type: $0.type, bytes: Array($0.data)) }
        return .message(text, subject: subject, attachments: attachments)
    }
}
