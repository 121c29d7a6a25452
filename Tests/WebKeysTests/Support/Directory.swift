import Foundation
import OpenPGP
import TestSupport
import Testing
import Web

@testable import WebKeys

/// A web server on loopback, with a certification authority made for it, that answers by the local part in the question: Python's own HTTPS
/// server, in a process that ends when this one does.
final class Directory: Sendable {
    struct Failure: Error, CustomStringConvertible { var description: String }

    /// Where the server speaks, by what kind of server it is.
    struct Ports: Decodable, Sendable {
        /// HTTPS with a certificate for the hosts of `example.org`.
        var good: UInt16
        /// HTTPS with a certificate of the same authority for other hosts.
        var foreign: UInt16
        /// HTTPS with a certificate for the right hosts that nobody vouches for.
        var unvouched: UInt16
        /// HTTP without TLS.
        var plain: UInt16
        /// Nobody listens.
        var closed: UInt16
    }

    /// A request that the server has read.
    struct Request: Decodable, Hashable, Sendable {
        var host: String
        var path: String
        var headers: [String: String]
    }

    let folder: String
    let ports: Ports
    private let process: Companion

    var authorities: String { folder + "/ca.pem" }

    private init(folder: String, ports: Ports, process: Companion) {
        (self.folder, self.ports, self.process) = (folder, ports, process)
    }

    private static let made = Task { try await start() }
    /// The one server of the tests.
    static func running() async throws -> Directory { try await made.value }

    /// A client for which only these hosts exist.
    func client(
        _ hosts: [String: UInt16],
        authorities: String? = nil,
        limit: Duration = .seconds(60),
        workers: WebWorkers = WebKeyClient.sharedWorkers
    ) -> WebKeyClient {
        WebKeyClient(authorities: authorities ?? self.authorities, limit: limit, hosts: TestHosts(ports: hosts), workers: workers)
    }

    /// What has been asked with this local part.
    func requests(_ localPart: String) throws -> [Request] {
        let text = try String(contentsOfFile: folder + "/log", encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
            .filter { $0.path.hasSuffix("?l=\(localPart)") }
    }

    private static func start() async throws -> Directory {
        // The server removes it when it ends.
        let folder = "/tmp/oxw-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try ServerScript.text.write(toFile: folder + "/server.py", atomically: true, encoding: .utf8)
        // Its first line are the ports.
        let (process, line) = try await Companion.start("/usr/bin/python3", ["-u", folder + "/server.py", folder])
        guard let ports = try? JSONDecoder().decode(Ports.self, from: Data(line.utf8)) else {
            throw Failure(description: "the web server doesn't start: \(line)")
        }
        return Directory(folder: folder, ports: ports, process: process)
    }
}

/// Hosts that exist, at ports of loopback.
struct TestHosts: HostLookup {
    var ports: [String: UInt16]

    func endpoint(of host: String) throws(WebKeyError) -> Endpoint? {
        if host.hasSuffix("unknowable.example.org") { throw WebKeyError(.name, "no name server could look up \(host)") }
        return ports[host].map { Endpoint(addresses: ["127.0.0.1"], port: $0) }
    }
}

func mailbox(_ address: String) throws -> UserIDMailbox { try #require(UserIDMailbox(address: address)) }
