import HTTPTypes
import Oxbow

extension HTTPRouter {
    /// `GET /live`: whether the process does its work, as it was a quarter of a second ago at most.
    func live() async -> Answer {
        guard await isAlive.value() else { return .refusal(.serviceUnavailable, "not-alive", "the store doesn't answer") }
        return Answer(.ok, text: "alive")
    }

    /// `GET /ready`: whether every account is online. Which ones aren't is for those who may see the status.
    func ready(_ call: Call) async -> Answer {
        let mayLook: Bool
        if call.headers.values("authorization").isEmpty {
            mayLook = false
        } else {
            do throws(AuthenticationFailure) {
                _ = try admitted(call, .status)
                mayLook = true
            } catch {
                return refused(error, call)
            }
        }
        guard let accounts = await accounts.value() else { return Self.noStatus }
        let isReady = !accounts.isEmpty && accounts.allSatisfy(\.isOnline)
        var answer =
            mayLook ? Answer(.ok, json: Readiness(ready: isReady, accounts: accounts)) : Answer(.ok, text: isReady ? "ready" : "not ready")
        if !isReady { answer.asUnavailable() }
        return answer
    }

    /// `GET /ready/JID`.
    func ready(account jid: String) async -> Answer {
        guard let accounts = await accounts.value() else { return Self.noStatus }
        guard let account = accounts.first(where: { $0.account == jid }) else {
            return .refusal(.notFound, "unknown-account", "the configuration has no such account")
        }
        var answer = Answer(.ok, json: account)
        if !account.isOnline { answer.asUnavailable() }
        return answer
    }

    private static let noStatus = Answer.refusal(.serviceUnavailable, "unavailable", "the accounts can't be asked now")

    /// `GET /`.
    func statusPage() async -> Answer {
        var answer = Answer(.ok, await StatusPage.html(surroundings: surroundings), type: StatusPage.contentType)
        for (name, value) in StatusPage.headers {
            if let name = HTTPField.Name(name) { answer.headers.append((name, value)) }
        }
        return answer
    }

    /// `GET /metrics`: for everybody where only this machine reaches it.
    func metrics(_ call: Call) async -> Answer {
        if call.entrance.isOpen { return await metricsPage() }
        return await guarded(call, .metrics) { await metricsPage() }
    }

    private func metricsPage() async -> Answer {
        Answer(.ok, await MetricsPage.text(surroundings: surroundings), type: MetricsPage.contentType)
    }
}

extension Answer {
    /// The same as an answer that says: not now.
    fileprivate mutating func asUnavailable() {
        status = .serviceUnavailable
        headers.append((.retryAfter, "5"))
    }
}

/// What `/ready` tells those who may know.
struct Readiness: Codable, Hashable {
    /// An account.
    struct Account: Codable, Hashable {
        /// Its JID.
        var account: String
        /// Where it stands, as `oxbow status` says it.
        var state: String
        /// Why, unless it is online.
        var reason: String?
        /// Since when, in seconds since 1970.
        var since: Int64

        /// Whether messages go out.
        var isOnline: Bool { state == "online" }
    }
    /// Whether all are online.
    var ready: Bool
    /// All accounts.
    var accounts: [Account]
}
