import XMPP
import YAMLConfiguration

/// Answers the lines of the control socket.
struct ControlResponder: Sendable {
    let runtime: any Controllable
    var reports: [String: ControlServer.Report] = [:]

    /// The answer to a line; never throws, since an error is an answer.
    func answer(_ line: String) async -> String {
        let answer: ControlAnswer
        do {
            answer = try await self.answer(request(line))
        } catch let error as ControlError {
            answer = ControlAnswer(error: error)
        } catch {
            answer = ControlAnswer(error: ControlError(.failed, "\(error)"))
        }
        return (try? ControlCoding.encode(answer)) ?? #"{"error":{"code":"failed","message":"the answer can't be written as JSON"}}"#
    }

    private func request(_ line: String) throws -> ControlRequest {
        guard let version = try? ControlCoding.decode(ControlVersion.self, from: line).version else {
            throw ControlError(.usage, "the request is no JSON object with a version")
        }
        guard version == ControlProtocol.version else {
            let ours = ControlProtocol.version
            throw ControlError(.version, "the running Oxbow speaks version \(ours) of the control protocol, not \(version); restart it")
        }
        guard let request = try? ControlCoding.decode(ControlRequest.self, from: line) else {
            throw ControlError(.usage, "the running Oxbow doesn't know this request; restart it if it was updated")
        }
        return request
    }

    private func answer(_ request: ControlRequest) async throws -> ControlAnswer {
        func account() throws -> Address { try address(request.account, "account") }
        func peer() throws -> Address { try address(request.peer, "peer") }
        switch request.operation {
        case .status:
            return ControlAnswer(status: try await runtime.status())
        case .send:
            guard let send = request.send else { throw ControlError(.usage, "the request says nothing to send") }
            return ControlAnswer(send: try await runtime.send(send))
        case .outbox:
            guard let outbox = request.outbox else { throw ControlError(.usage, "the request says nothing about the outbox") }
            return ControlAnswer(outbox: try await runtime.outbox(outbox))
        case .store:
            guard let store = request.store else { throw ControlError(.usage, "the request says nothing about the store") }
            return ControlAnswer(store: try await runtime.store(store))
        case .keys:
            return ControlAnswer(keys: try await runtime.keys(account: account(), peer: request.peer == nil ? nil : peer()))
        case .trust:
            return ControlAnswer(keys: try await runtime.trust(account: account(), peer: peer(), fingerprint: request.fingerprint))
        case .untrust:
            return ControlAnswer(keys: try await runtime.untrust(account: account(), peer: peer(), fingerprint: request.fingerprint))
        case .exportKey:
            let peer = try request.peer == nil ? nil : peer()
            let text = try await runtime.exportKey(account: account(), peer: peer, fingerprint: request.fingerprint)
            return ControlAnswer(certificate: text)
        case .exportMailKey:
            let gateway = try request.peer.map { text in
                guard let address = Address(text), address.local == nil else { throw ControlError(.usage, "'\(text)' is no gateway") }
                return address
            }
            return ControlAnswer(certificate: try await runtime.exportMailKey(account: account(), via: gateway))
        case .gateways:
            guard let gateways = request.gateways else { throw ControlError(.usage, "the request says nothing about gateways") }
            return ControlAnswer(gateways: try await runtime.gateways(gateways))
        case .report:
            guard let name = request.report, let report = reports[name] else {
                throw ControlError(.unknown, "the running Oxbow has no such report")
            }
            return ControlAnswer(report: try await report())
        case .importKey:
            guard let material = request.material else { throw ControlError(.usage, "the request has no certificate") }
            return ControlAnswer(keys: try await runtime.importKey(account: account(), peer: peer(), material: Array(material)))
        }
    }

    private func address(_ text: String?, _ what: String) throws -> Address {
        guard let text else { throw ControlError(.usage, "the request names no \(what)") }
        do throws(Complaint) {
            return try bareAddress(text)
        } catch {
            throw ControlError(.usage, error.message)
        }
    }
}
