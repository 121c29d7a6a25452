import YAMLConfiguration

/// The keys of `http:`.
enum HTTPSchema {
    static let listen = Key(
        "listen",
        .listeners,
        default: "127.0.0.1:8480",
        "Where hooks, messages and the status page are served: an address and a port, unix:PATH, or a list. Port 0 is any that is free."
    )
    static let certificate = Key("certificate", .path, "The file of the certificate and what leads to its root, PEM.")
    static let key = Key("key", .path, "The file of its key, PEM.")
    static let tls = Key(
        optional: "tls",
        ValueType<HTTPSettings.TLS>.section(Schema(certificate, key)) { (section) throws(ConfigurationErrors) in
            HTTPSettings.TLS(
                certificate: section[certificate],
                key: section[key],
                position: section.node.position,
                path: section.context.path
            )
        },
        "The certificate of all addresses with a port. Read again with the configuration."
    )
    static let behindProxy = Key(
        "behind_proxy",
        .boolean,
        default: "false",
        "Says that a proxy in front does TLS: without it, only loopback may be listened at without tls."
    )

    static let token = Key(
        optional: "token",
        .secret,
        "A token for 'Authorization: Bearer', or for Basic as the password with an empty user, as ntfy sends it. At least 16 characters."
    )
    static let user = Key(optional: "user", .name, "The user's name for Basic authentication.")
    static let password = Key(optional: "password", .secret, "The user's password. At least 16 characters.")
    static let signature = Key(
        optional: "signature",
        .secret,
        "The secret with which GitHub, Grafana and others sign a body, or GitLab's secret token. At least 16 characters. For hooks only."
    )
    static let pathToken = Key(
        optional: "path_token",
        .secret,
        "A token at the end of the path, /hooks/NAME/TOKEN, for senders that can do nothing better. At least 22 characters of a-z A-Z 0-9 - _. For hooks only."
    )
    static let may = Key(
        "may",
        ValueType<[HTTPRight]>.list(of: .httpRight, count: 1...100),
        "What it may do: hooks, hooks/NAME, send, status, metrics."
    )
    static let credentials = Key(
        "credentials",
        .map(
            of: .section(Schema(token, user, password, signature, pathToken, may), name: "a credential") {
                (section) throws(ConfigurationErrors) in section
            }
        ),
        default: "{}",
        "Who may do what, by name. Without one nothing is served but /live, /ready and /openapi.yaml."
    )
    static let bodyLimit = Key("body_limit", .size(1 << 10...1 << 20), default: "1M", "The largest body of a request.")

    static let metricsListen = Key(
        "listen",
        .listeners,
        default: "127.0.0.1:9480",
        "Where they are served. Beyond loopback they need a credential."
    )
    static let metrics = Key(
        optional: "metrics",
        ValueType<[HTTPSettings.Listener]>.section(Schema(metricsListen)) { (section) throws(ConfigurationErrors) in
            section[metricsListen]
        },
        "The listener of /metrics and /live for Prometheus. Left out, there is none."
    )

    static let http = Key(
        optional: "http",
        ValueType<HTTPSettings>.section(Schema(listen, tls, behindProxy, credentials, bodyLimit, metrics)) {
            (section) throws(ConfigurationErrors) in try settings(section)
        },
        "HTTP: hooks, messages, health, metrics, the status page. Left out, nothing listens."
    )

    private static func settings(_ section: Section) throws(ConfigurationErrors) -> HTTPSettings {
        var errors: [ConfigurationError] = []
        var made: [HTTPCredentialSettings] = []
        for entry in section[credentials] {
            do throws(ConfigurationErrors) { made.append(try credential(entry)) } catch { errors += error.errors }
        }
        let settings = HTTPSettings(
            listeners: section[listen],
            tls: section[tls],
            isBehindProxy: section[behindProxy],
            credentials: made,
            bodyLimit: section[bodyLimit],
            metrics: section[metrics] ?? []
        )
        for listener in settings.listeners + settings.metrics
        where !listener.address.isLocal && settings.tls == nil && !settings.isBehindProxy {
            errors.append(
                ConfigurationError(
                    at: listener.position,
                    path: listener.path,
                    "\(listener.address) is reached from outside without TLS: secrets would pass in the clear",
                    hint: "add tls: {certificate: …, key: …}, or behind_proxy: true if a proxy does TLS"
                )
            )
        }
        var seen: Set<ListenAddress> = []
        for listener in settings.listeners + settings.metrics {
            if case .tcp(_, 0) = listener.address { continue }
            guard !seen.insert(listener.address).inserted else { continue }
            errors.append(ConfigurationError(at: listener.position, path: listener.path, "\(listener.address) is given twice"))
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return settings
    }

    private static func credential(_ entry: MapEntry<Section>) throws(ConfigurationErrors) -> HTTPCredentialSettings {
        let section = entry.value
        let isPlain = entry.key.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }
        guard isPlain, (1...64).contains(entry.key.utf8.count) else {
            throw ConfigurationErrors(section.error("the name isn't made of 1 to 64 letters, digits, '-', '_' or '.'"))
        }
        let proof: HTTPCredentialSettings.Proof
        switch (section[token], section[user], section[password], section[signature], section[pathToken]) {
        case (let secret?, nil, nil, nil, nil): proof = .token(secret)
        case (nil, let user?, let secret?, nil, nil):
            guard !user.contains(":") else { throw ConfigurationErrors(section.error(Self.user, "a user's name has no ':' in it")) }
            proof = .password(user: user, secret)
        case (nil, nil, nil, let secret?, nil): proof = .signature(secret)
        case (nil, nil, nil, nil, let secret?): proof = .pathToken(secret)
        case (nil, _, _, nil, nil) where section[user] != nil || section[password] != nil:
            throw ConfigurationErrors(section.error("has only one of user and password", hint: "write both"))
        default:
            let hint = "write one of token, user and password, signature, path_token"
            throw ConfigurationErrors(section.error("doesn't say in one way how it is proved", hint: hint))
        }
        switch proof {
        case .signature, .pathToken:
            if let other = section[may].first(where: { !$0.isHook }) {
                let kind = section[signature] == nil ? pathToken.name : signature.name
                throw ConfigurationErrors(section.error(may, "a \(kind) proves hooks only, not \(other)", hint: "make a token for it"))
            }
        case .token, .password: break
        }
        return HTTPCredentialSettings(
            name: entry.key,
            proof: proof,
            may: section[may],
            position: section.position(of: may),
            path: section.context.key(may.name).path
        )
    }
}

extension ValueType where Value == HTTPRight {
    /// A right as `may:` names it.
    static var httpRight: Self {
        ValueType<String>.name.checked(as: "hooks, hooks/NAME, send, status or metrics") { (text) throws(Complaint) in
            switch text {
            case "hooks": return .hooks
            case "send": return .send
            case "status": return .status
            case "metrics": return .metrics
            case let text where text.hasPrefix("hooks/") && text.utf8.count > 6 && !text.dropFirst(6).contains("/"):
                return .hook(String(text.dropFirst(6)))
            default:
                throw Complaint("'\(text)' is nothing that a credential may do", hint: "there are hooks, hooks/NAME, send, status, metrics")
            }
        }
    }
}

extension ValueType where Value == [HTTPSettings.Listener] {
    /// One address, or a list.
    static var listeners: Self {
        let one = ValueType<HTTPSettings.Listener>("an address and a port, or unix:PATH") { (node, context) throws(ConfigurationErrors) in
            HTTPSettings.Listener(try ValueType<ListenAddress>.listenAddress(node, context), position: node.position, path: context.path)
        }
        return either(
            Self(one.name) { (node, context) throws(ConfigurationErrors) in [try one(node, context)] },
            or: .list(of: one, count: 0...16),
            first: { if case .scalar = $0.content { true } else { false } }
        )
    }
}
