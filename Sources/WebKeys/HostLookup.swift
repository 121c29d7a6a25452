import Glibc

/// Where a host is. A protocol, so that tests have hosts of their own; blocking, since it is called on a thread that may.
protocol HostLookup: Sendable {
    /// The addresses of a host, preferred ones first; `nil` if there is no such host, or it has no address.
    ///
    /// - Parameter host: Absolute, in its ASCII form, without the final dot.
    /// - Throws: ``WebKeyError`` with code `name` if that can't be told. It must never be taken for "there is none": who can keep answers of a
    ///   name server away could then choose which of the two hosts of a directory is asked.
    func endpoint(of host: String) throws(WebKeyError) -> Endpoint?
}

/// The addresses of a host, and the port on which HTTPS is spoken there.
struct Endpoint: Hashable, Sendable {
    /// IP addresses in text form, without brackets.
    var addresses: [String]
    var port: UInt16 = 443
}

/// The resolver of the operating system, getaddrinfo(3).
///
/// Names are looked up as absolute ones: a search list (resolv.conf(5)) with a wildcard in it would let every `openpgpkey.` host exist.
/// `/etc/hosts` has no absolute names and is therefore not asked.
struct SystemHostLookup: HostLookup {
    /// The most addresses of one host that are tried.
    static let mostAddresses = 8

    func endpoint(of host: String) throws(WebKeyError) -> Endpoint? {
        try Self.addresses(of: host + ".").map { Endpoint(addresses: $0) }
    }

    /// The addresses of a name as it stands there; `nil` if there are none.
    static func addresses(of name: String) throws(WebKeyError) -> [String]? {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(name, nil, &hints, &first)
        guard result == 0 else {
            if meansNone(result) { return nil }
            throw WebKeyError(.name, "no name server could look up \(name); check /etc/resolv.conf and the network")
        }
        defer { freeaddrinfo(first) }
        var addresses: [String] = []
        var next = first
        while let information = next, addresses.count < mostAddresses {
            // An address with a scope is a link's, where no directory is.
            if let text = text(information.pointee), !text.contains("%"), !addresses.contains(text) { addresses.append(text) }
            next = information.pointee.ai_next
        }
        return addresses.isEmpty ? nil : addresses
    }

    /// Whether the name servers have said that there is no address. Anything else is no answer.
    static func meansNone(_ result: Int32) -> Bool { result == EAI_NONAME || result == noData }

    /// EAI_NODATA, which netdb.h has for GNU programs only: the name exists, and has no address.
    private static let noData: Int32 = -5

    private static func text(_ information: addrinfo) -> String? {
        guard let address = information.ai_addr else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer -> String? in
            guard let base = buffer.baseAddress,
                getnameinfo(address, information.ai_addrlen, base, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
            else { return nil }
            return String(validatingCString: base)
        }
    }
}
