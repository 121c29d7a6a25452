import Alerting
import Foundation
import HTTPTypes
import Oxbow

extension HTTPRouter {
    /// `POST /hooks/ROUTE`: whoever may, gives an alert. What the route is comes after who asks, so that names don't leak.
    func hook(_ call: Call, route: String, token: String?) async -> Step {
        guard !Self.isCrossSite(call.request) else { return .answer(refused(.crossSite, call)) }
        let admission: Authenticator.Admission
        do throws(AuthenticationFailure) {
            admission = try call.authenticator.admit(call.headers, pathToken: token, isHook: true)
            if case .caller(let caller) = admission, !caller.may(.hook(route)) { throw .right }
        } catch {
            return .answer(refused(error, call))
        }
        switch admission {
        case .caller:
            switch await prepared(call, route) {
            case .failure(let answer): return .answer(answer.answer)
            case .success(let hook):
                return .body(limit: call.policy.bodyLimit) { body in await receive(body, hook, call) }
            }
        case .signature(let signature):
            return .body(limit: call.policy.bodyLimit) { body in
                do throws(AuthenticationFailure) {
                    let caller = try call.authenticator.signer(signature, of: body, now: surroundings.now())
                    guard caller.may(.hook(route)) else { throw .right }
                } catch {
                    return refused(error, call)
                }
                switch await prepared(call, route) {
                case .failure(let answer): return answer.answer
                case .success(let hook):
                    guard signature.scheme.fits(source: hook.description.source) else { return refused(.signature, call) }
                    return await receive(body, hook, call)
                }
            }
        }
    }

    private struct Hook: Sendable {
        var description: HookDescription
        var delivery: String?
    }
    private struct Refused: Error {
        var answer: Answer
    }

    /// What can be said of an admitted request before its body.
    private func prepared(_ call: Call, _ route: String) async -> Result<Hook, Refused> {
        guard let desk = surroundings.desk, let description = await desk.hook(route) else {
            return .failure(Refused(answer: .refusal(.notFound, HookError.Code.unknownRoute.name, "alerts.routes has no such route")))
        }
        if call.headers.values("content-encoding").contains(where: { $0.lowercased() != "identity" }) {
            return .failure(Refused(answer: .refusal(.unsupportedMediaType, "content-encoding", "send the body as it is, not compressed")))
        }
        do throws(IdempotencyKey.Malformed) {
            return .success(Hook(description: description, delivery: try IdempotencyKey.read(call.headers)))
        } catch {
            return .failure(Refused(answer: IdempotencyKey.refusal))
        }
    }

    private func receive(_ body: [UInt8], _ hook: Hook, _ call: Call) async -> Answer {
        guard let desk = surroundings.desk else {
            return .refusal(.serviceUnavailable, HookError.Code.unavailable.name, "there is no desk")
        }
        var headers: [String: String] = [:]
        for name in hook.description.headers { headers[name] = call.headers.values(name).first }
        let request = SourceRequest(
            body: body,
            contentType: call.headers.values("content-type").first,
            headers: headers,
            query: call.target.query,
            received: Date(timeIntervalSince1970: Double(surroundings.now()))
        )
        var answer: Answer
        do throws(HookError) {
            // Nothing of the 200 class before this has returned: then it is on disk.
            let outcome = try await desk.receive(hook.description.route, request, delivery: hook.delivery)
            answer = Answer(outcome.isTold ? .accepted : .ok, json: HookAnswer(outcome))
            answer.notes["outcome"] = outcome.word
        } catch {
            let status = HTTPResponse.Status(code: (400...599).contains(error.code.status) ? error.code.status : 500)
            answer = .refusal(status, error.code.name, error.message)
        }
        answer.notes["hook"] = hook.description.route
        return answer
    }
}

extension HookOutcome {
    fileprivate var isTold: Bool { if case .told = self { true } else { false } }
}

/// What the sender of an alert is told.
struct HookAnswer: Codable, Hashable {
    /// What became of it.
    var outcome: String
    /// The conversation's number.
    var conversation: Int?
    /// How many messages follow from it.
    var messages: Int?
    /// Why there was nothing to tell.
    var reason: String?

    init(_ outcome: HookOutcome) {
        self.outcome = outcome.word
        switch outcome {
        case .told(let messages, let conversation): (self.messages, self.conversation) = (messages, conversation)
        case .nothing(let reason): self.reason = reason
        default: break
        }
    }
}
