import OpenPGP
import Testing
import Web

@testable import WebKeys

/// Against a real web server; ``ServerScript`` says what it answers to whom.
@Suite struct WebKeyClientTests {
    private let key: [UInt8] = [0xC6, 3, 4, 0, 0]
    private let advanced = "openpgpkey.example.org"
    private let direct = "example.org"

    /// The error of a question, which must fail.
    private func failure(_ client: WebKeyClient, _ address: String) async throws -> WebKeyError {
        let mailbox = try mailbox(address)
        return try await #require(throws: WebKeyError.self) { _ = try await client.certificate(for: mailbox) }
    }

    @Test("R20: found at the host of the advanced method, and nobody else is asked") func foundByAdvanced() async throws {
        let web = try await Directory.running()
        let client = web.client([advanced: web.ports.good, direct: web.ports.good])
        #expect(try await client.certificate(for: mailbox("Found.One@Example.ORG")) == key)
        let request = try #require(try web.requests("Found.One").first)
        #expect(try web.requests("Found.One").count == 1)
        #expect(request.host == advanced)
        let name = try #require(WebKeyDirectory(mailbox("found.one@example.org"))).name
        #expect(request.path == "/.well-known/openpgpkey/example.org/hu/\(name)?l=Found.One")
    }

    @Test("A request says no more than it must") func plainRequest() async throws {
        let web = try await Directory.running()
        #expect(try await web.client([advanced: web.ports.good]).certificate(for: mailbox("plain@example.org")) == key)
        let request = try #require(try web.requests("plain").first)
        #expect(request.headers == ["Host": advanced, "User-Agent": "Oxbow", "Accept": "*/*"])
    }

    @Test("Found by the direct method if there is no host of the advanced one") func foundByDirect() async throws {
        let web = try await Directory.running()
        #expect(try await web.client([direct: web.ports.good]).certificate(for: mailbox("simple@example.org")) == key)
        let requests = try web.requests("simple")
        #expect(requests.count == 1 && requests.first?.host == direct)
        #expect(requests.first?.path.hasPrefix("/.well-known/openpgpkey/hu/") == true)
    }

    @Test("404: no key, and the direct method is no second chance") func missing() async throws {
        let web = try await Directory.running()
        let client = web.client([advanced: web.ports.good, direct: web.ports.good])
        #expect(try await client.certificate(for: mailbox("404-none@example.org")) == nil)
        #expect(try web.requests("404-none").map(\.host) == [advanced])
    }

    @Test("No host, no directory") func noHost() async throws {
        let web = try await Directory.running()
        #expect(try await web.client([:]).certificate(for: mailbox("somebody@example.org")) == nil)
    }

    @Test("A failure of the advanced method never leads to the direct one", arguments: ["503-first", "301-first", "page", "cut"])
    func noFallback(_ localPart: String) async throws {
        let web = try await Directory.running()
        let before = try web.requests(localPart).count
        let client = web.client([advanced: web.ports.good, direct: web.ports.good])
        _ = try await failure(client, "\(localPart)@example.org")
        #expect(try web.requests(localPart).dropFirst(before).allSatisfy { $0.host == advanced })
    }

    @Test("A host that can't be looked up is not a host that doesn't exist") func unknowable() async throws {
        let web = try await Directory.running()
        let client = web.client(["unknowable.example.org": web.ports.good])
        #expect(try await failure(client, "dns@unknowable.example.org").code == .name)
        #expect(try web.requests("dns").isEmpty)
    }

    @Test("Redirects are not followed, to the same host neither", arguments: [301, 302, 303, 307, 308])
    func redirect(_ status: Int) async throws {
        let web = try await Directory.running()
        let error = try await failure(web.client([advanced: web.ports.good]), "\(status)-moved@example.org")
        #expect(error.code == .refused && error.message.contains("redirect"), "\(error)")
        #expect(try web.requests("\(status)-moved").count == 1)
    }

    @Test("Other answers are errors that say so", arguments: [201, 204, 401, 403, 410, 500, 503])
    func otherStatus(_ status: Int) async throws {
        let web = try await Directory.running()
        let error = try await failure(web.client([advanced: web.ports.good]), "\(status)-other@example.org")
        #expect(error.code == .refused && error.message.contains("\(status)"), "\(error)")
    }

    @Test("64 KiB and no more, announced or not", arguments: ["big", "endless", "header"])
    func tooBig(_ localPart: String) async throws {
        let web = try await Directory.running()
        #expect(try await failure(web.client([advanced: web.ports.good]), "\(localPart)@example.org").code == .tooBig)
    }

    @Test("64 KiB are not too much") func atTheLimit() async throws {
        let web = try await Directory.running()
        #expect(
            try await web.client([advanced: web.ports.good]).certificate(for: mailbox("limit@example.org"))?.count == WebKeyClient.sizeLimit
        )
    }

    @Test("What is no key is an error", arguments: ["page", "empty"])
    func noKey(_ localPart: String) async throws {
        let web = try await Directory.running()
        #expect(try await failure(web.client([advanced: web.ports.good]), "\(localPart)@example.org").code == .malformed)
    }

    @Test("Content is taken as it comes") func notDecompressed() async throws {
        let web = try await Directory.running()
        #expect(try await web.client([advanced: web.ports.good]).certificate(for: mailbox("compressed@example.org")) == key)
    }

    @Test("An answer that ends too early is none") func cut() async throws {
        let web = try await Directory.running()
        #expect(try await failure(web.client([advanced: web.ports.good]), "cut@example.org").code == .unreachable)
    }

    @Test("A server that is too slow") func slow() async throws {
        let web = try await Directory.running()
        let client = web.client([advanced: web.ports.good], limit: .milliseconds(700))
        #expect(try await failure(client, "slow@example.org").code == .timedOut)
    }

    @Test("A certificate for other hosts, and one that nobody vouches for") func untrusted() async throws {
        let web = try await Directory.running()
        for port in [web.ports.foreign, web.ports.unvouched] {
            let error = try await failure(web.client([advanced: port, direct: web.ports.good]), "tls@example.org")
            #expect(error.code == .untrusted && error.message.contains(advanced), "\(error)")
        }
        #expect(try web.requests("tls").isEmpty)
    }

    @Test("The system's authorities don't vouch for the test's") func systemAuthorities() async throws {
        let web = try await Directory.running()
        let client = WebKeyClient(authorities: nil, hosts: TestHosts(ports: [advanced: web.ports.good]))
        #expect([.untrusted, .system].contains(try await failure(client, "tls@example.org").code))
        #expect(
            try await failure(web.client([advanced: web.ports.good], authorities: "/nonexistent/ca.pem"), "tls@example.org").code == .system
        )
    }

    @Test("Without TLS nothing is asked") func plainHTTP() async throws {
        let web = try await Directory.running()
        #expect(try await failure(web.client([advanced: web.ports.plain]), "http@example.org").code == .unreachable)
        #expect(try web.requests("http").isEmpty)
        var request = WebRequest(url: "http://\(advanced)/?l=http")
        request.place = WebRequest.Place(host: advanced, addresses: ["127.0.0.1"], port: web.ports.plain)
        let asked = request
        let error = try await #require(throws: WebError.self) {
            _ = try await WebKeyClient.sharedWorkers.run(limit: .seconds(60)) { try asked.perform(stop: $0) }
        }
        #expect(error.code == .request)
        #expect(try web.requests("http").isEmpty)
    }

    @Test("Nobody listens") func closed() async throws {
        let web = try await Directory.running()
        #expect(
            try await failure(web.client([advanced: web.ports.closed, direct: web.ports.good]), "closed@example.org").code == .unreachable
        )
    }

    @Test("A domain in letters is asked in its ASCII form, which the certificate has") func idn() async throws {
        let web = try await Directory.running()
        let client = web.client(["openpgpkey.xn--exmple-cua.org": web.ports.good])
        #expect(try await client.certificate(for: mailbox("letters@ex\u{e4}mple.org")) == key)
        let request = try #require(try web.requests("letters").first)
        #expect(request.host == "openpgpkey.xn--exmple-cua.org" && request.path.contains("/xn--exmple-cua.org/hu/"))
    }

    @Test("Domains that have no directory are not looked up") func noDirectory() throws {
        for address in ["a@localhost", "a@intranet", "a@x.onion", "a@host.localhost", "a@x.alt", "a@x.invalid"] {
            #expect(try WebKeyClient.directory(of: mailbox(address)) == nil, "\(address)")
        }
        #expect(throws: WebKeyError.self) { try WebKeyClient.directory(of: mailbox("a@xn--a.org")) }
        #expect(try WebKeyClient.directory(of: mailbox("a@example.org")) != nil)
    }

    @Test("Who is cancelled doesn't wait, and the server sees the connection end") func cancelled() async throws {
        let web = try await Directory.running()
        let workers = WebWorkers(threads: 1, waiting: 1)
        let client = web.client([advanced: web.ports.good], workers: workers)
        let left = try mailbox("left@example.org")
        let task = Task { try await client.certificate(for: left) }
        while try web.requests("left").isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        // The only thread comes back, or this would never be answered.
        #expect(try await client.certificate(for: mailbox("next@example.org")) == key)
    }

}
