import GRE
import OX
import XMPP

/// The operator's verbs about gateways, for one account: what `oxbow gateways` does, and what `oxbow status` shows of them.
struct GatewayDesk: Sendable {
    let account: Address
    let gateways: AccountGateways?
    let policies: any PolicyMemory
    let session: any Session
    let settings: AccountSettings
    /// Registers; `nil` without a daemon.
    let clerk: GatewayClerk?
    /// Lets go what is held for people behind a gateway.
    let release: @Sendable (_ gateway: Address) async throws -> Void

    /// Does what is asked.
    ///
    /// - Throws: ``ControlError``.
    func answer(_ request: GatewayRequest) async throws -> GatewayReport {
        switch request.action {
        case .list: return GatewayReport(await list(asking: true))
        case .accept:
            let gateway = try configured(request)
            do {
                try await gateways?.directory.accept(gateway)
                // Asked first: what it says now is what counts from here on, and is known when the messages are sealed.
                let report = GatewayReport(await list(asking: true).filter { $0.jid == gateway.description })
                try await release(gateway)
                return report
            } catch {
                throw ControlError(.failed, "\(error)")
            }
        case .fields: return GatewayReport(fields: try await fields(of: try domain(request)))
        case .discover: return GatewayReport(try await search(try domain(request)))
        }
    }

    /// The configured gateways.
    ///
    /// - Parameter asking: Whether they are asked what they offer now; else only what is remembered is told.
    func list(asking: Bool) async -> [GatewayReport.Item] {
        var items: [GatewayReport.Item] = []
        for gateway in settings.gateways {
            var item = GatewayReport.Item(jid: gateway.jid.description)
            item.registration =
                switch clerk?.standing(with: gateway.jid) {
                case .registered: "registered"
                case .failed(let reason), .interrupted(let reason): reason
                case nil: gateway.registration == nil ? "not configured" : "not tried"
                }
            if asking { await ask(gateway.jid, &item) }
            if let hold = await gateways?.directory.hold(on: gateway.jid) { item.problem = Self.words(hold, gateway.jid) }
            let record = try? await policies.gatewayRecord(account: account, gateway: gateway.jid)
            item.senderID = record?.senderID
            if item.encryptedOnly == nil { item.encryptedOnly = record?.encryptedOnly }
            items.append(item)
        }
        return items
    }

    private func ask(_ gateway: Address, _ item: inout GatewayReport.Item) async {
        guard let directory = gateways?.directory else { return }
        do {
            let offer = try await directory.offer(of: gateway)
            item.formatters = offer.formatters.map(\.namespace)
            item.encrypters = offer.encrypters.map(\.namespace)
            item.encryptedOnly = offer.encryptedOnly
            let agreement = try await directory.agreement(for: gateway)
            item.agreed = [agreement.formatter.kindName.namespace, agreement.encrypter.kindName.namespace]
        } catch {
            item.problem = "\(error)"
        }
    }

    private static func words(_ hold: GatewayPolicy.Hold, _ gateway: Address) -> String {
        let remedy = "nothing is sent there; ask its operator, then: oxbow gateways accept \(gateway)"
        return switch hold {
        case .encryptedOnlyLost: "it took only encrypted messages and says so no more: \(remedy)"
        case .senderChanged(let old, let new): "it says that we are \(new), and not \(old) as before: \(remedy)"
        }
    }

    private func fields(of gateway: Address) async throws -> [GatewayReport.Field] {
        do {
            return try await GatewayRegistration(session: session).fields(of: gateway).map { field in
                GatewayReport.Field(
                    name: field.name,
                    label: field.label,
                    isRequired: field.isRequired,
                    options: field.options.map(\.value)
                )
            }
        } catch {
            throw ControlError(error.code == .offline ? .offline : .failed, error.description)
        }
    }

    private func search(_ server: Address) async throws -> [GatewayReport.Item] {
        let found: [GatewaySearch.Found]
        do {
            found = try await GatewaySearch(session: session).gateways(at: server)
        } catch let error as SessionError where error.code == .offline {
            throw ControlError(.offline, error.message)
        } catch {
            throw ControlError(.failed, "\(server) can't be asked: \(error)")
        }
        return found.map { found in
            var item = GatewayReport.Item(jid: found.address.description, name: found.name)
            if let offer = found.offer {
                item.formatters = offer.formatters.map(\.namespace)
                item.encrypters = offer.encrypters.map(\.namespace)
                item.encryptedOnly = offer.encryptedOnly
            } else {
                item.problem = "it offers no relayed encryption (\(Namespace.gatewayRelay))"
            }
            return item
        }
    }

    private func domain(_ request: GatewayRequest) throws -> Address {
        guard let text = request.domain, let address = Address(text), address.local == nil, address.isBare else {
            throw ControlError(.usage, "'\(request.domain ?? "")' is no domain")
        }
        return address
    }

    private func configured(_ request: GatewayRequest) throws -> Address {
        let domain = try domain(request)
        guard settings.gateways.contains(where: { $0.jid == domain }) else {
            throw ControlError(.usage, "\(domain) is no gateway of \(account): name it under gateways in the configuration")
        }
        return domain
    }
}
