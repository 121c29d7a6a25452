import Alerting
import Foundation
import HTTPTypes
import Logging
import Oxbow

/// Where a connection came in.
struct Entrance: Hashable, Sendable {
    /// What is served there.
    var side: Endpoint.Side
    /// Whether metrics are for everybody there: only this machine reaches it.
    var isOpen: Bool
}

/// What a reload changes.
struct HTTPPolicy: Sendable {
    /// Who may do what.
    var book = CredentialBook()
    /// The largest body, in bytes.
    var bodyLimit = 1 << 20
}

/// Decides what a request is answered: first by its head alone, then, if it is let in and has a body that matters, by its body.
struct HTTPRouter: Sendable {
    let surroundings: HTTPSurroundings
    let limits: HTTPLimits
    let log: RefusalLog
    let policy: @Sendable () -> HTTPPolicy
    /// Whether the process does its work, and how its accounts are. Strangers may ask that, so it costs us the same however many do.
    let isAlive: Snapshot<Bool>
    let accounts: Snapshot<[Readiness.Account]?>

    /// What follows from a head.
    enum Step: Sendable {
        /// It is answered.
        case answer(Answer)
        /// Its body is read, at most so many bytes, and given to the function.
        case body(limit: Int, then: @Sendable ([UInt8]) async -> Answer)
    }

    /// What a request is, for the log and the counters. Names in it are endpoints and routes, never a path as it came.
    struct Subject: Sendable {
        /// The endpoint's pattern, or `other`.
        var name = "other"
    }

    init(
        surroundings: HTTPSurroundings,
        limits: HTTPLimits,
        clock: any Clock<Duration>,
        policy: @escaping @Sendable () -> HTTPPolicy
    ) {
        self.surroundings = surroundings
        self.limits = limits
        self.policy = policy
        isAlive = Snapshot(clock: clock, look: surroundings.isAlive)
        accounts = Snapshot(clock: clock) { [control = surroundings.control] in
            guard let report = try? await control.status() else { return nil }
            return report.accounts.map { Readiness.Account(account: $0.jid, state: $0.state, reason: $0.reason, since: $0.since) }
        }
        log = RefusalLog(logger: surroundings.logger, now: surroundings.now)
    }

    /// Judges a head. `peer` is the address that it came from, for the log.
    func begin(_ request: HTTPRequest, at entrance: Entrance, peer: String?) async -> (step: Step, subject: Subject) {
        var subject = Subject()
        let target: RequestTarget
        do throws(RequestTarget.Refusal) { target = try RequestTarget(request.path ?? "", limit: limits.path) } catch {
            switch error {
            case .tooLong: return (.answer(.refusal(.uriTooLong, "path-too-long", "the path has more than \(limits.path) bytes")), subject)
            case .malformed: return (.answer(.refusal(.badRequest, "bad-path", "the path or its query can't be read")), subject)
            case .nothing: return (.answer(Self.notFound), subject)
            }
        }
        guard let (endpoint, parameters) = Endpoint.find(target.segments, on: entrance.side) else {
            return (.answer(Self.notFound), subject)
        }
        subject.name = endpoint.rawValue
        guard endpoint.takes(request.method) else {
            var answer = Answer.refusal(.methodNotAllowed, "method", "there is \(endpoint.allow)")
            answer.headers.append((.allow, endpoint.allow))
            return (.answer(answer), subject)
        }
        let call = Call(
            request: request,
            target: target,
            endpoint: endpoint,
            parameters: parameters,
            entrance: entrance,
            peer: peer,
            policy: policy()
        )
        return (await step(call), subject)
    }

    /// What a request asks for, taken apart.
    struct Call: Sendable {
        var request: HTTPRequest
        var target: RequestTarget
        var endpoint: Endpoint
        var parameters: [String]
        var entrance: Entrance
        var peer: String?
        var policy: HTTPPolicy

        var headers: HTTPFields { request.headerFields }
        var authenticator: Authenticator { Authenticator(book: policy.book) }
    }

    private func step(_ call: Call) async -> Step {
        switch call.endpoint {
        case .hook: await hook(call, route: call.parameters[0], token: nil)
        case .hookWithToken: await hook(call, route: call.parameters[0], token: call.parameters[1])
        case .send: send(call)
        case .message: .answer(await guarded(call, .send) { await message(call.parameters[0]) })
        case .openAPI: .answer(Answer(.ok, OpenAPIDocument.yaml, type: "application/yaml"))
        case .live: .answer(await live())
        case .ready: .answer(await ready(call))
        case .readyAccount: .answer(await guarded(call, .status) { await ready(account: call.parameters[0]) })
        case .status: .answer(await guarded(call, .status, isForPeople: true) { await statusPage() })
        case .metrics: .answer(await metrics(call))
        }
    }

    static let notFound = Answer.refusal(.notFound, "not-found", "there is nothing here; /openapi.yaml says what there is")

    /// Answers whoever may do this, and nobody else.
    func guarded(_ call: Call, _ right: HTTPRight, isForPeople: Bool = false, _ body: () async -> Answer) async -> Answer {
        do throws(AuthenticationFailure) {
            _ = try admitted(call, right)
        } catch {
            return refused(error, call, isForPeople: isForPeople)
        }
        return await body()
    }

    /// Who asks, if they may do this and the head says who they are.
    func admitted(_ call: Call, _ right: HTTPRight) throws(AuthenticationFailure) -> CredentialBook.Caller {
        guard case .caller(let caller) = try call.authenticator.admit(call.headers, isHook: false) else { throw .missing }
        guard caller.may(right) else { throw .right }
        return caller
    }

    /// The answer to somebody who isn't let in: the same whether there is what they asked for or not.
    func refused(_ failure: AuthenticationFailure, _ call: Call, isForPeople: Bool = false) -> Answer {
        surroundings.counters.add("oxbow_http_refused_total", ["reason": failure.rawValue])
        log.note(failure.rawValue, endpoint: call.endpoint.rawValue, peer: call.peer)
        switch failure {
        case .right:
            return Answer.refusal(.forbidden, failure.rawValue, "this credential may not do that; http.credentials says what it may")
        case .crossSite:
            return Answer.refusal(.forbidden, failure.rawValue, "a browser sent this for a page of another site")
        default:
            let message = failure == .missing ? "a credential is needed" : "the credential isn't known, or doesn't fit"
            // One word for all of them: which part was wrong is for the log.
            var answer = Answer.refusal(.unauthorized, "unauthorized", message)
            let challenges =
                isForPeople
                ? [#"Basic realm="oxbow", charset="UTF-8""#] : [#"Bearer realm="oxbow""#, #"Basic realm="oxbow", charset="UTF-8""#]
            for challenge in challenges { answer.headers.append((.wwwAuthenticate, challenge)) }
            answer.notes["reason"] = failure.rawValue
            return answer
        }
    }

    /// Whether a browser sent it for a page of another site: those send a person's credentials along without being asked.
    static func isCrossSite(_ request: HTTPRequest) -> Bool {
        let headers = request.headerFields
        if let site = headers.values("sec-fetch-site").first { return site != "same-origin" && site != "none" }
        guard let origin = headers.values("origin").first else { return false }
        guard let authority = request.authority, let mark = origin.range(of: "://") else { return true }
        return origin[mark.upperBound...].lowercased() != authority.lowercased()
    }
}
