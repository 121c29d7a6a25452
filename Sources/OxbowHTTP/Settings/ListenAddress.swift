import NIOCore
import YAMLConfiguration

/// Where is listened.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address of this machine and a port; 0 is any that is free.
    case tcp(host: String, port: Int)
    /// A Unix socket.
    case unix(path: String)

    /// As it stands in the file: `127.0.0.1:8480`, `[::1]:8480`, `unix:/run/oxbow/http.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Whether only this machine reaches it.
    public var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp("::1", _): true
        case .tcp(let host, _): host.hasPrefix("127.")
        }
    }

    /// Whether it is a Unix socket, whose file says who may connect.
    var isUnix: Bool { if case .unix = self { true } else { false } }
}

extension ValueType where Value == ListenAddress {
    /// An address and a port, or `unix:` and a path.
    static var listenAddress: Self {
        let name = "an address and a port, or unix:PATH"
        return ValueType<String>.name.checked(as: name) { (text) throws(Complaint) in
            if text.hasPrefix("unix:") {
                let path = String(text.dropFirst("unix:".count))
                guard path.hasPrefix("/"), !path.utf8.contains(0) else {
                    throw Complaint("'\(text)' names no socket", hint: "write it like unix:/run/oxbow/http.sock")
                }
                guard path.utf8.count <= 107 else {
                    throw Complaint("a socket's path may have 107 bytes, this one has \(path.utf8.count)", hint: "choose a shorter one")
                }
                return .unix(path: path)
            }
            let hint = "write it like 127.0.0.1:8480, [::1]:8480 or unix:/run/oxbow/http.sock"
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port),
                text[text.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw Complaint("'\(text)' is no address with a port", hint: hint) }
            var host = String(text[..<colon])
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            if isBracketed { host = String(host.dropFirst().dropLast()) }
            guard host.contains(":") == isBracketed, (try? SocketAddress(ipAddress: host, port: port)) != nil else {
                throw Complaint("'\(host)' is no numeric address", hint: hint)
            }
            return .tcp(host: host, port: port)
        }
    }
}
