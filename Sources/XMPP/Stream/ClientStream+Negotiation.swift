internal import XML

// From the connection to the login (RFC 6120 § 4 to § 6).
extension ClientStream {
    mutating func connected() -> [Action] {
        guard case .idle = state, case .startTLS = configuration.security else { return [] }
        return open(.plain)
    }

    mutating func secured(_ bindings: [ChannelBinding]) -> [Action] {
        switch (state, configuration.security) {
        case (.securing, .startTLS), (.idle, .directTLS):
            self.bindings = bindings
            return [.restartParser] + open(.secured)
        default: return []
        }
    }

    private mutating func open(_ stage: Stage) -> [Action] {
        state = .opening(stage)
        headerSeen = false
        // RFC 7622 § 3.3.1 keeps out of addresses what XML would need escaped.
        var header = "<?xml version='1.0'?><stream:stream xmlns='\(Namespace.client)' xmlns:stream='\(Namespace.streams)' version='1.0' "
        header += "xml:lang='en' to='\(configuration.account.domain)'"
        // Who we are is nobody's business before TLS (RFC 6120 § 4.7.1).
        if stage != .plain { header += " from='\(configuration.account.bare)'" }
        return [.write(header + ">")]
    }

    mutating func opened(_ header: Element) -> [Action] {
        guard case .opening = state, !headerSeen else {
            if case .securing = state { return [] }
            return fail(StreamError("policy-violation", text: "a second stream header"))
        }
        headerSeen = true
        headerProblem = problem(of: header)
        return []
    }

    private func problem(of header: Element) -> StreamError? {
        guard header.is("stream", Namespace.streams) else {
            return StreamError("invalid-namespace", text: "the root is not a stream of \(Namespace.streams)")
        }
        let major = header["version"]?.split(separator: ".").first.flatMap { Int($0) } ?? 0
        guard major >= 1 else { return StreamError("unsupported-version", text: "the stream has no version 1.0") }
        if let from = header["from"], Address(from) != configuration.account.domainAddress {
            return StreamError("invalid-from", text: "the stream comes from another domain")
        }
        return nil
    }

    mutating func features(_ element: Element, _ stage: Stage) -> [Action] {
        guard headerSeen, element.is("features", Namespace.streams) else { return unexpected(element) }
        limits = StreamLimits(features: element)
        switch stage {
        case .plain:
            guard element.first("starttls", Namespace.tls) != nil else {
                return end(
                    SessionFailure(
                        .tls,
                        "The server of \(configuration.account.domain) offers no STARTTLS here, or somebody has taken it out. Nothing is sent without "
                            + "TLS; if the server has a port for direct TLS, set `tls: direct`."
                    )
                )
            }
            state = .awaitingProceed
            return [write(Element("starttls", Namespace.tls))]
        case .secured:
            guard let offer = SASLOffer(features: element) else {
                return end(SessionFailure(.login, "The server of \(configuration.account.domain) offers no login on this port."))
            }
            var login = Login(offer, bindings: bindings, configuration: configuration, random: random)
            let steps = login.start()
            return perform(steps, of: login)
        case .authenticated:
            return authenticated(element)
        }
    }

    mutating func startTLSAnswered(_ element: Element) -> [Action] {
        guard element.namespace == Namespace.tls else { return unexpected(element) }
        guard element.local == "proceed" else {
            return end(SessionFailure(.tls, "The server of \(configuration.account.domain) can't start TLS for the moment."))
        }
        state = .securing
        return [.startTLS]
    }

    mutating func derived(_ keys: SCRAMKeys) -> [Action] {
        guard case .loggingIn(var login) = state else { return [] }
        let steps = login.derived(keys)
        return perform(steps, of: login)
    }

    mutating func perform(_ steps: [Login.Step], of login: Login) -> [Action] {
        state = .loggingIn(login)
        unlistedBindingFailed = login.unlistedBindingFailed
        var actions: [Action] = []
        for step in steps {
            switch step {
            case .write(let element): actions.append(write(element))
            case .derive(let request): actions.append(.derive(request))
            case .warn(let text): actions.append(.warn(text))
            case .failed(let failure): actions += end(failure)
            case .succeeded(let pins):
                if pins != configuration.pins { actions.append(.pin(pins)) }
                actions.append(.restartParser)
                actions += open(.authenticated)
            }
        }
        return actions
    }
}
