import Logging
import NIOCore
import NIOPosix
import XML
import XMPP

// From offline to online, again and again.
extension ClientSession {
    /// How many times in a row a server may send us to another host.
    private static var redirectLimit: Int { 3 }

    func keepConnected() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var redirect: String?
        var redirects = 0
        var password = configuration.password
        while !isEnding {
            let ending = await connect(redirect, password)
            link = nil
            if let online = ending.online {
                backoff.wasOnline(for: online)
                redirects = 0
            }
            redirect = redirects < Self.redirectLimit ? ending.redirect : nil
            redirects += redirect == nil ? 0 : 1
            if isEnding { break }
            let delay = ending.retriesAtOnce || redirect != nil ? Duration.zero : backoff.delay(after: ending.failure, using: &generator)
            let seconds = delay.components.seconds
            // The account says it to people; this is for who looks for the reason.
            logger.debug("offline: \(ending.failure)", metadata: ["reason": "\(ending.failure.code)", "retry-in": "\(seconds) s"])
            queue.push(.offline(ending.failure, retryIn: delay))
            // Cancelled: the loop's condition sees it.
            try? await Task.sleep(for: delay)
            if ending.failure.code == .login, !isEnding { password = await renewed(password) }
        }
        failAllSends()
        for waiter in requests.removeAll() { waiter.fail(offlineError) }
        queue.push(.offline(SessionFailure(.stopped, "\(account) was logged out."), retryIn: nil))
    }

    /// The password as it is now: a login was refused, and the operator may have changed it since.
    private func renewed(_ password: Password) async -> Password {
        guard let renew = configuration.renewPassword else { return password }
        do {
            let new = try await renew()
            // Derived from the old one.
            keys = nil
            return new
        } catch {
            logger.warning("the password can't be read anew; trying the one at hand", metadata: ["error": "\(error)"])
            return password
        }
    }

    /// What earlier logins proved. Without knowing it nothing is sent: a password must not go where SCRAM has once worked (R13).
    private func recallPins() async throws -> LoginPins {
        if let pins { return pins }
        let recalled = try await memory?.loginPins(of: account) ?? LoginPins()
        pins = recalled
        return recalled
    }

    /// Goes once through everything that may lead to a session.
    private func connect(_ redirect: String?, _ password: Password) async -> Ending {
        do {
            _ = try await recallPins()
        } catch {
            return Ending(
                failure: SessionFailure(
                    .login,
                    "What earlier logins of \(account) proved can't be read from the state: \(error). Not logging in."
                )
            )
        }
        let plan = await plan(redirect)
        guard !plan.targets.isEmpty else {
            return Ending(
                failure: SessionFailure(.resolve, "The domain \(account.domain) says in DNS that it offers no XMPP for clients.")
            )
        }
        var log = AttemptLog()
        for target in plan.targets {
            let addresses: [SocketAddress]
            do {
                let literal = try? SocketAddress(ipAddress: target.host, port: target.port)
                addresses = if let literal { [literal] } else { try await resolver.addresses(of: target.host, port: target.port) }
            } catch {
                if isEnding { return loggedOut }
                log.note(SessionFailure(.resolve, "\(error)"))
                continue
            }
            for address in addresses {
                let ending = await attempt(target, address, password)
                if isEnding || ending.isFinal { return ending }
                logger.debug("an attempt failed: \(ending.failure)", metadata: ["target": "\(target)", "address": "\(address)"])
                log.note(ending.failure)
            }
        }
        return Ending(failure: log.best ?? SessionFailure(.resolve, "There is no address to connect to for \(account.domain)."))
    }

    /// Whether ``run()`` has been cancelled; ``stop()`` follows a moment later.
    private var isEnding: Bool { isStopping || Task.isCancelled }

    private var loggedOut: Ending { Ending(failure: SessionFailure(.stopped, "\(account) was logged out.")) }

    /// Whom to connect to, in order.
    private func plan(_ redirect: String?) async -> ConnectionPlan {
        let normal = await normalPlan()
        guard
            let wish = (redirect ?? resumption?.preferredLocation).flatMap({ ConnectionPlan.Target.parse($0, like: normal.targets.first) })
        else { return normal }
        return ConnectionPlan([wish] + normal.targets.filter { $0 != wish })
    }

    private func normalPlan() async -> ConnectionPlan {
        let domain = account.host
        let security: ClientStream.Security = configuration.security == .directTLS ? .directTLS : .startTLS
        if configuration.host != nil || configuration.port != nil || !ConnectionPlan.hasRecords(domain) {
            return ConnectionPlan(host: configuration.host ?? domain, port: configuration.port, security: security)
        }
        async let startTLS = configuration.security == .directTLS ? [] : records("_xmpp-client._tcp.\(domain)")
        async let directTLS = configuration.security == .startTLS ? [] : records("_xmpps-client._tcp.\(domain)")
        var generator = SystemRandomNumberGenerator()
        let (first, second) = await (startTLS, directTLS)
        return ConnectionPlan(domain: domain, startTLS: first, directTLS: second, fallback: security, using: &generator)
    }

    /// SRV records; where they can't be had, the domain itself is tried (RFC 6120 § 3.2.1).
    private func records(_ name: String) async -> [ServiceRecord] {
        do {
            return try await resolver.services(name)
        } catch {
            logger.debug("no SRV records: \(error)")
            return []
        }
    }

    /// One connection, from TCP to its end.
    private func attempt(_ target: ConnectionPlan.Target, _ address: SocketAddress, _ password: Password) async -> Ending {
        let tls: TLSClient
        do {
            tls = try await TLSClient.make(
                domain: account.host,
                roots: configuration.roots,
                insecureSkipVerify: configuration.insecureSkipVerify,
                directTLS: target.security == .directTLS
            )
        } catch {
            let words = (error as? TLSRootsError)?.message ?? "TLS can't be set up: \(error)"
            return Ending(failure: SessionFailure(.tls, words))
        }
        if configuration.insecureSkipVerify {
            logger.warning("the server's certificate is NOT verified (insecureSkipVerify): anybody in between can pose as it")
        }
        let channel: any Channel
        do {
            channel = try await open(address)
        } catch {
            return Ending(failure: SessionFailure(.network, "No connection to \(target) (\(address.ipText)): \(Self.words(error))."))
        }
        guard !isEnding else {
            channel.close(promise: nil)
            return loggedOut
        }
        return await talk(over: channel, tls, target, password)
    }

    /// Opens a TCP connection on the session's own event loop; reading waits until the handlers are in place.
    private func open(_ address: SocketAddress) async throws -> any Channel {
        let promise = loop.makePromise(of: (any Channel).self)
        abandonConnecting = { promise.fail(CancellationError()) }
        defer { abandonConnecting = nil }
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(configuration.connectLimit))
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .connect(to: address)
        connecting.cascade(to: promise)
        // Abandoned: a connection that comes about later has no owner.
        promise.futureResult.whenFailure { _ in connecting.whenSuccess { $0.close(promise: nil) } }
        return try await promise.futureResult.get()
    }

    private func talk(
        over channel: any Channel,
        _ tls: TLSClient,
        _ target: ConnectionPlan.Target,
        _ password: Password
    ) async -> Ending {
        let number = nextLinkNumber()
        let stream = ClientStream(
            ClientStream.Configuration(
                account: account,
                password: password,
                security: target.security,
                allowPlain: configuration.allowPlain,
                resource: configuration.address.resource,
                pins: pins ?? LoginPins(),
                resumption: resumption,
                keys: keys,
                skipUnlistedBinding: skipUnlistedBinding,
                recordsSessions: resumptions != nil
            ),
            random: Randomness.bytes
        )
        let handler = XMLStreamHandler(
            stream: stream,
            security: target.security,
            tls: tls,
            timing: XMLStreamHandler.Timing(configuration),
            limits: ParserLimits(stanza: configuration.maxStanzaBytes)
        ) { [self] output in
            assumeIsolated { $0.receive(output, from: number) }
        }
        link = Link(number: number, handler: handler)
        do {
            if target.security == .directTLS { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            channel.close(promise: nil)
            return Ending(failure: tls.failure(error, nil))
        }
        channel.setOption(.autoRead, value: true).whenFailure { _ in channel.close(promise: nil) }
        if let ending = link?.ending { return ending }
        return await withCheckedContinuation { link?.waiter = $0 }
    }

    private func nextLinkNumber() -> Int {
        lastLink += 1
        return lastLink
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: SystemError.words(error.errnoCode)
        case ChannelError.connectTimeout: "it takes too long"
        default: "\(error)"
        }
    }
}

extension ClientSession.Ending {
    /// Whether other addresses of the plan would not do better, or the session was online.
    var isFinal: Bool {
        online != nil || redirect != nil || retriesAtOnce || [.login, .conflict, .stopped].contains(failure.code)
    }
}

extension ParserLimits {
    /// For a logged-in stream with stanzas of that many bytes: one text may fill a stanza.
    fileprivate init(stanza bytes: Int) {
        self = .stream
        stanzaBytes = max(bytes, Self.beforeLogin.stanzaBytes)
        textBytes = stanzaBytes
    }
}

extension XMLStreamHandler.Timing {
    fileprivate init(_ configuration: ClientSession.Configuration) {
        login = TimeAmount(configuration.loginLimit)
        link = LinkMonitor.Limits(silence: TimeAmount(configuration.keepalive), answer: TimeAmount(configuration.keepaliveAnswer))
    }
}

extension SocketAddress {
    /// Address and port for messages.
    fileprivate var ipText: String { ipAddress ?? description }
}
