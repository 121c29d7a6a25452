import CResolver
import Glibc
public import NIOCore
import NIOPosix

/// The resolver of the operating system: `/etc/resolv.conf` for SRV, getaddrinfo(3) for addresses.
///
/// Both block, so they run on threads of their own. A look-up that takes too long is given up; its thread comes back when the
/// system's own limits are over.
public struct SystemResolver: Resolver {
    /// The one resolver of the process.
    public static let shared = SystemResolver()

    private let threads: NIOThreadPool
    private let limit: TimeAmount

    private init() {
        // Lives as long as the process: nothing has to shut it down.
        threads = NIOThreadPool(numberOfThreads: 4)
        limit = .seconds(15)
        threads.start()
    }

    /// The SRV records of a name; see ``Resolver/services(_:)``.
    public func services(_ name: String) async throws -> [ServiceRecord] {
        try await run("the SRV records of \(name)") {
            // The largest message that DNS has (over TCP).
            var bytes = [UInt8](repeating: 0, count: 65_535)
            let length = oxbow_resolver_query(name, Int32(DNSMessage.srv), &bytes, Int32(bytes.count))
            switch length {
            case Int32(OXBOW_RESOLVER_NONE): return []
            case 0...:
                do {
                    return try DNSMessage(Array(bytes[..<Int(length)])).services
                } catch {
                    throw ResolverError(.malformed, "The name server's answer for \(name) can't be read: \(error).")
                }
            case Int32(OXBOW_RESOLVER_PERMANENT):
                throw ResolverError(.malformed, "The name server refuses to look up \(name).")
            default:
                throw ResolverError(.temporary, "No name server could look up \(name); check /etc/resolv.conf and the network.")
            }
        }
    }

    /// The addresses of a host; see ``Resolver/addresses(of:port:)``.
    public func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
        try await run("the address of \(host)") { try Self.addresses(host, port) }
    }

    private static func addresses(_ host: String, _ port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, &hints, &first)
        guard result == 0 else {
            let words = gai_strerror(result).map { String(cString: $0) } ?? "error \(result)"
            let code: ResolverError.Code = result == EAI_AGAIN || result == EAI_SYSTEM ? .temporary : .unknown
            throw ResolverError(code, "The host name \(host) can't be resolved: \(words).")
        }
        defer { freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var next = first
        while let information = next {
            if let address = SocketAddress.read(information.pointee, port: port), !addresses.contains(address) { addresses.append(address) }
            next = information.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw ResolverError(.unknown, "The host name \(host) has no address.") }
        return addresses
    }

    /// Runs what blocks on a thread that may, and waits no longer than the limit.
    ///
    /// - Throws: What `body` throws, ``ResolverError`` when it takes too long, `CancellationError`.
    func run<Result: Sendable>(_ what: String, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        // Nobody wants the answer any more: no packet leaves, and no thread is taken.
        try Task.checkCancellation()
        let loop = NIOSingletons.posixEventLoopGroup.any()
        let promise = loop.makePromise(of: Result.self)
        let timer = loop.scheduleTask(in: limit) {
            promise.fail(ResolverError(.temporary, "Looking up \(what) takes too long; check /etc/resolv.conf and the network."))
        }
        threads.runIfActive(eventLoop: loop, body).cascade(to: promise)
        return try await withTaskCancellationHandler {
            defer { timer.cancel() }
            return try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}

extension SocketAddress {
    /// The address in an answer of getaddrinfo(3).
    fileprivate static func read(_ information: addrinfo, port: Int) -> SocketAddress? {
        guard let pointer = information.ai_addr else { return nil }
        var address: SocketAddress
        switch information.ai_family {
        case AF_INET: address = SocketAddress(pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee })
        case AF_INET6: address = SocketAddress(pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee })
        default: return nil
        }
        address.port = port
        return address
    }
}
