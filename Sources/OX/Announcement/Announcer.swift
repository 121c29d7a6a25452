public import OpenPGP
import XML
public import XMPP

/// Makes an account's own key on first start and announces it by PEP (XEP-0373 § 4, P1–P10).
///
/// Only the key whose fingerprint is stored is ever announced (S12), with one User ID, `xmpp:` and the account's bare JID.
public actor Announcer {
    private let account: Address
    private let engine: any OpenPGPEngine
    private let pins: any PinStore
    private let pep: PEP
    private let clock: @Sendable () -> Int64
    private let turns = Turns()
    private var limit = ReannounceLimit()

    /// Makes an announcer for the session's account.
    ///
    /// - Parameters:
    ///   - engine: The account's keyring.
    ///   - session: The account's session.
    ///   - pins: Remembers which key is ours.
    ///   - request: How long one request may take.
    ///   - clock: The time in seconds since 1970.
    public init(
        engine: any OpenPGPEngine,
        session: any Session,
        pins: any PinStore,
        request: Duration = .seconds(30),
        clock: @escaping @Sendable () -> Int64
    ) {
        self.account = session.account.bare
        self.engine = engine
        self.pins = pins
        self.pep = PEP(session: session, timeout: request)
        self.clock = clock
    }

    /// Publishes our key and puts it on our list, where that isn't so already. Called after each login that isn't a resumption.
    ///
    /// First the data node, read back and compared; then the list, read, changed and written (P4, P5).
    ///
    /// - Throws: ``AnnounceError``; nothing is ever removed or overwritten that could not be read before.
    public func announce() async throws(AnnounceError) -> Announcement {
        try await alone { () async throws(AnnounceError) -> Announcement in
            let fingerprint = try await OwnKey.ensure(account: self.account, engine: self.engine, pins: self.pins)
            var report = Announcement(fingerprint: fingerprint)
            let material = try await self.certificate(fingerprint)
            let node = KeyNode.data(fingerprint.hex)
            if try await self.item(of: node).flatMap({ PublicKeyItem($0) })?.material == material {
                report.warnings += try await self.openUp(node)
            } else {
                report.warnings += try await self.publishKey(material, on: node)
                report.publishedKey = true
            }
            try await self.announceList(&report, touched: report.publishedKey)
            if !report.publishedList { report.warnings += try await self.openUp(KeyNode.list) }
            return report
        }
    }

    /// Whether our list names our key now. One request and no operation on keys: for a process that lives for one message only, where a whole
    /// ``announce()`` would cost more than the message.
    ///
    /// - Throws: ``AnnounceError``.
    public func isListed() async throws(AnnounceError) -> Bool {
        let stored: Fingerprint?
        do {
            stored = try await pins.ownKey(account: account)
        } catch {
            throw AnnounceError(.store, "which key is \(account)'s can't be read: \(error)")
        }
        guard let stored, let list = try await item(of: KeyNode.list).flatMap({ PublicKeysList($0) }) else { return false }
        return list.entries.contains { $0.fingerprint == stored }
    }

    /// Looks after a notice that our own list has changed (XEP-0373 § 6.3): puts our key back, seldom enough not to fight (P10).
    ///
    /// - Returns: What was done; with ``Announcement/postponed`` the caller should call ``announce()`` at that time.
    /// - Throws: ``AnnounceError``.
    public func notified() async throws(AnnounceError) -> Announcement {
        try await alone { () async throws(AnnounceError) -> Announcement in
            let fingerprint = try await OwnKey.ensure(account: self.account, engine: self.engine, pins: self.pins)
            var report = Announcement(fingerprint: fingerprint)
            if let postponed = self.limit.postponed(at: self.clock()) {
                report.postponed = postponed
                return report
            }
            try await self.announceList(&report, touched: false)
            if report.publishedList { self.limit.announced(at: self.clock()) }
            return report
        }
    }

    private func announceList(_ report: inout Announcement, touched: Bool) async throws(AnnounceError) {
        let list = try await item(of: KeyNode.list).flatMap { PublicKeysList($0) } ?? PublicKeysList()
        guard let list = list.announcing(report.fingerprint, now: clock(), touched: touched) else { return }
        report.warnings += try await publish(list.element, id: PublicKeysList.itemID, on: KeyNode.list)
        report.publishedList = true
    }

    /// Our certificate as it may be published: minimal, one User ID, nothing secret (P3).
    private func certificate(_ fingerprint: Fingerprint) async throws(AnnounceError) -> [UInt8] {
        do {
            return try await engine.export(fingerprint, userID: UserIDRule.userID(for: account))
        } catch {
            throw AnnounceError(
                .engine,
                "our key \(fingerprint) can't be exported: \((error as? OpenPGPError)?.message ?? "the engine failed")"
            )
        }
    }

    private func publishKey(_ material: [UInt8], on node: String) async throws(AnnounceError) -> [String] {
        // The engine's promise, held against what really leaves: inspecting refuses secret packets and second certificates.
        let info = try? await engine.inspect(material)
        guard let info, KeyNode.data(info.fingerprint.hex) == node, info.userIDs == [UserIDRule.userID(for: account)], info.unusable == nil
        else {
            throw AnnounceError(.engine, "our exported key is not fit to be published: it must carry one User ID and be usable")
        }
        let warnings = try await publish(PublicKeyItem(material: material).element, id: DateTime.text(clock()), on: node)
        guard try await self.item(of: node).flatMap({ PublicKeyItem($0) })?.material == material else {
            throw AnnounceError(.readBack, "the server of \(account) doesn't return the key that was published on \(node)")
        }
        return warnings
    }

    /// Publishes with options; a node that is configured differently is reconfigured; at last it is published as it is, with a warning (P6).
    private func publish(_ payload: Element, id: String, on node: String) async throws(AnnounceError) -> [String] {
        do {
            try await pep.publish(payload, id: id, on: node, options: true)
            return []
        } catch let error as StanzaError where error.isAboutOptions {
            do {
                try await pep.configure(node)
                try await pep.publish(payload, id: id, on: node, options: true)
                return []
            } catch is StanzaError {
                try await attempt { try await pep.publish(payload, id: id, on: node, options: false) }
                return [closed(node, error)]
            } catch {
                throw failure(error)
            }
        } catch {
            throw failure(error)
        }
    }

    /// Makes sure that a node which needs no publishing can be read by everybody.
    private func openUp(_ node: String) async throws(AnnounceError) -> [String] {
        do {
            guard try await pep.isOpen(node) == false else { return [] }
        } catch is StanzaError {
            // A service that doesn't tell how its nodes are configured gives no reason for a warning.
            return []
        } catch {
            throw failure(error)
        }
        do {
            try await pep.configure(node)
            return []
        } catch let error as StanzaError {
            return [closed(node, error)]
        } catch {
            throw failure(error)
        }
    }

    private func closed(_ node: String, _ error: StanzaError) -> String {
        "the node \(node) of \(account) can't be made open (\(error.condition)): peers without a subscription may not find our key"
    }

    private func item(of node: String) async throws(AnnounceError) -> Element? {
        do {
            return try await pep.newestItem(of: node, owner: nil)
        } catch let error as StanzaError where error.condition == "item-not-found" {
            return nil
        } catch {
            throw failure(error)
        }
    }

    private func attempt(_ body: () async throws -> Void) async throws(AnnounceError) {
        do { try await body() } catch { throw failure(error) }
    }

    private func failure(_ error: any Error) -> AnnounceError {
        switch error {
        case let error as AnnounceError: error
        case let error as StanzaError: AnnounceError(.service, "the PEP service of \(account) refuses to publish our key: \(error)")
        case let error as SessionError: AnnounceError(.session, "our key can't be announced: \(error.message)")
        default: AnnounceError(.session, "announcing our key was interrupted")
        }
    }

    private func alone(
        _ body: () async throws(AnnounceError) -> Announcement
    ) async throws(AnnounceError) -> Announcement {
        do {
            return try await turns.take(account, body)
        } catch {
            throw failure(error)
        }
    }
}

extension StanzaError {
    /// Whether publishing failed for the options that came with it: the node is configured differently, or the service knows none.
    fileprivate var isAboutOptions: Bool {
        application?.local == "precondition-not-met"
            || ["conflict", "feature-not-implemented", "bad-request", "not-acceptable"].contains(condition)
    }
}
