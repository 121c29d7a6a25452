import Logging
import NIOCore
import XML
import XMPP

extension ClientSession {
    /// A connection of the session.
    struct Link {
        let number: Int
        let handler: XMLStreamHandler
        var bound: ClientStream.Bound?
        var boundAt: NIODeadline?
        var ending: Ending?
        var waiter: CheckedContinuation<Ending, Never>?

        var isBound: Bool { bound != nil && ending == nil }
    }

    /// How a connection ended.
    struct Ending: Sendable {
        var failure: SessionFailure
        /// How long the session was online; `nil` if it never was.
        var online: Duration?
        var redirect: String?
        /// Connect again at once: what went wrong is known and avoided.
        var retriesAtOnce = false
    }

    /// What the connection's handler reports, on the event loop.
    func receive(_ output: XMLStreamHandler.Output, from number: Int) {
        guard link?.number == number else { return }
        switch output {
        case .pin(let pins):
            self.pins = pins
            addJob.yield(.remember(pins))
        case .warn(let words): logger.warning("\(words)")
        case .derived(let keys): self.keys = keys
        case .bound(let bound, let resumed): becomeBound(bound, resumed: resumed)
        case .stanza(let element, let ticket): receive(element, ticket)
        case .record(let record, let mark): store(record, mark)
        case .acknowledged(let tokens):
            for token in tokens {
                finishSend(token, .success(()))
                leaveGate(token)
            }
        case .refused(let token, let error):
            if sends[token] == nil { refusals[token] = error }
            finishSend(token, .failure(error))
            leaveGate(token)
            // What comes after it must not overtake it: whoever sends it again does so over the next connection.
            if error.code == .offline { link?.handler.abandon(SessionFailure(.network, "\(error)")) }
        case .pingDue: pingServer()
        case .ended(let end, let failure): finishLink(end, failure)
        }
    }

    private func becomeBound(_ bound: ClientStream.Bound, resumed: Bool) {
        link?.bound = bound
        link?.boundAt = loop.now
        if !resumed {
            blame(gate.ended(.forgotten))
            failHeld(lostError)
        }
        for outstanding in bound.lost {
            if let token = outstanding.token { finishSend(token, .failure(lostError)) }
        }
        gate.began(announced: bound.limits.maxBytes)
        resumption = nil
        if resumed { releasePostponed() }
        adjustReading()
        // A session of another process is new to this one's account: it doesn't know its contacts. But its server has the presence that
        // was sent, and sending it again would tell all contacts nothing new (R12).
        let isInherited = resumed && takenOver != nil
        let capabilities = takenOver?.capabilities
        presenceStands = isInherited && capabilities != nil && capabilities == router.capabilities.version
        takenOver = nil
        if !resumed || isInherited { sessionNumber += 1 }
        logger.debug(
            "online",
            metadata: ["address": "\(bound.address)", "resumed": "\(resumed)", "taken-over": "\(isInherited)"]
        )
        queue.push(.online(address: bound.address, resumed: resumed && !isInherited))
    }

    private func finishLink(_ end: ClientStream.End, _ failure: SessionFailure) {
        guard var link, link.ending == nil else { return }
        // Nothing to go on with: the next process must not try.
        if end.resumption == nil { store(nil, nil) }
        resumption = end.resumption
        let online = link.boundAt.map { Duration.nanoseconds((loop.now - $0).nanoseconds) }
        // A refusal of a binding that the server never listed isn't a wrong password (R13): the next login goes without it.
        let retriesAtOnce = end.unlistedBindingFailed && !skipUnlistedBinding
        if end.unlistedBindingFailed { skipUnlistedBinding = true }
        // Before TLS anybody in between can name another host, and make us connect to it.
        let redirect = link.handler.isSecured ? end.redirect : nil
        let ending = Ending(failure: failure, online: online, redirect: redirect, retriesAtOnce: retriesAtOnce)
        link.ending = ending
        let waiter = link.waiter
        link.waiter = nil
        self.link = link
        if end.resumption == nil { blame(gate.ended(failure.code == .policy ? .policy : failure.code == .network ? .forgotten : .other)) }
        for waiter in requests.removeAll() { waiter.fail(offlineError) }
        largeRequests = [:]
        for outstanding in end.lost {
            if let token = outstanding.token { finishSend(token, .failure(lostError)) }
        }
        // Without a session to resume nothing that still waits can be acknowledged any more.
        if end.resumption == nil { failAllSends() }
        waiter?.resume(returning: ending)
    }

    var offlineError: SessionError {
        SessionError(.offline, "\(account) is not online.")
    }

    var lostError: SessionError {
        SessionError(
            .offline,
            "The connection of \(account) was lost before its server acknowledged the stanza; it may have arrived or not."
        )
    }

    func failAllSends() {
        let all = sends
        sends = [:]
        for waiter in all.values { waiter.finish(.failure(lostError)) }
        failHeld(offlineError)
    }

    /// Stops reading while too much waits to be journalled or looked at.
    func adjustReading() {
        let waiting = unprocessed + unseen
        if waiting >= configuration.backlog {
            link?.handler.setPaused(true)
        } else if waiting <= configuration.backlog / 2 {
            link?.handler.setPaused(false)
        }
    }
}
