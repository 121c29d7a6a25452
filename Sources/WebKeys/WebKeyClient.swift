public import OX
public import OpenPGP
import Web
import XMPP

/// Asks the Web Key Directories of mail domains over HTTPS (draft-koch-openpgp-webkey-service § 3.1; R20's third source).
///
/// The host `openpgpkey.DOMAIN` is asked; the domain's own host is asked instead, and only, if the name servers say that the first has no address.
/// A failure of the first is never a reason to ask the other.
///
/// An answer of status 200 is a key, 404 says that there is none, everything else is an error. Redirects are not followed, and proxies,
/// `.netrc` and cookies are not used, whatever the environment says. The server's certificate must be good for the host, by the system's
/// authorities. ``timeLimit`` and ``sizeLimit`` hold; four questions run at once in the process, and 64 wait.
///
/// **Who learns what.** Name servers learn that somebody asks for `openpgpkey.DOMAIN`, unencrypted unless the machine's resolver does better.
/// Who sees the connection reads the host's name in it. The mail domain's provider learns our IP address, the time, and the whole mail address
/// that we want to write to or have got mail from. Nothing says who we are: no account, no version, no cookie. Since whoever sends mail through a
/// gateway can name any domain, what can be asked is kept small: the two hosts above, port 443, one fixed path, no content.
public struct WebKeyClient: WebKeyFetching {
    /// The longest that ``certificate(for:)`` takes: look-ups, both methods and waiting for a thread included.
    public static let timeLimit: Duration = .seconds(10)
    /// The most bytes of an answer.
    public static let sizeLimit = 65_536

    private let authorities: String?
    private let limit: Duration
    private let hosts: any HostLookup
    private let workers: WebWorkers

    /// The threads of all clients.
    static let sharedWorkers = WebWorkers(threads: 4, waiting: 64)

    /// Makes a client; it holds nothing open.
    ///
    /// - Parameter authorities: A PEM file with the certification authorities that count instead of the system's.
    public init(authorities: String? = nil) {
        self.init(authorities: authorities, limit: Self.timeLimit, hosts: SystemHostLookup(), workers: Self.sharedWorkers)
    }

    init(authorities: String?, limit: Duration = Self.timeLimit, hosts: any HostLookup, workers: WebWorkers = sharedWorkers) {
        self.authorities = authorities
        self.limit = limit
        self.hosts = hosts
        self.workers = workers
    }

    /// The certificate that the directory has for a mailbox, binary; `nil` if the directory says that there is none, or there is no directory.
    ///
    /// Of several certificates in the answer only one for this mailbox counts, see `WebKeyDirectory.certificate(of:in:)`. Nothing is verified here.
    /// - Throws: ``WebKeyError``; `CancellationError`.
    public func certificate(for mailbox: UserIDMailbox) async throws -> [UInt8]? {
        guard let directory = try Self.directory(of: mailbox) else { return nil }
        let deadline = ContinuousClock.now + limit
        let answer: [UInt8]?
        do {
            answer = try await workers.run(limit: limit) { [self] stop in try ask(directory, until: deadline, stop) }
        } catch let error as WebError {
            throw WebKeyError(error, of: "the Web Key Directory of \(directory.mailbox.domain)")
        }
        guard let answer else { return nil }
        do {
            return try WebKeyDirectory.certificate(of: mailbox, in: answer)
        } catch {
            throw WebKeyError(.malformed, "the Web Key Directory of \(directory.mailbox.domain) has no usable answer: \(error.message)")
        }
    }

    /// Where the key of a mailbox would be; `nil` if there can't be a directory for its domain.
    static func directory(of mailbox: UserIDMailbox) throws(WebKeyError) -> WebKeyDirectory? {
        // IDNA is XMPP's. The address is only used for asking: which User IDs count is a matter of the mailbox as it is written.
        guard let host = Address(domain: mailbox.domain)?.host, let ascii = UserIDMailbox(address: "\(mailbox.localPart)@\(host)"),
            let directory = WebKeyDirectory(ascii)
        else { throw WebKeyError(.name, "the domain of this mailbox can't be the name of a host") }
        let labels = host.split(separator: ".")
        guard labels.count > 1, let last = labels.last, !unresolved.contains(String(last)) else { return nil }
        return directory
    }

    /// Names for which DNS must not be asked, or has nothing: RFC 6761, 7686 and 9476.
    private static let unresolved: Set<String> = ["localhost", "invalid", "onion", "alt"]

    /// Asks the host of the advanced method, or of the direct one if there is no other; `nil` if there is no key. Blocks.
    private func ask(_ directory: WebKeyDirectory, until deadline: ContinuousClock.Instant, _ stop: StopFlag) throws -> [UInt8]? {
        for method in [WebKeyDirectory.Method.advanced, .direct] {
            let host = directory.host(method)
            guard let endpoint = try hosts.endpoint(of: host) else { continue }
            // A look-up may have taken longer than anybody waited for it: no connection is made then.
            guard !stop.isSet else { throw CancellationError() }
            let left = deadline - .now
            guard left > .zero else { throw WebKeyError(.timedOut, "looking up \(host) took too long") }
            var request = WebRequest(url: directory.url(method))
            request.place = WebRequest.Place(host: host, addresses: endpoint.addresses, port: endpoint.port)
            request.authorities = authorities
            request.timeLimit = left
            request.sizeLimit = Self.sizeLimit
            let answer: WebRequest.Answer
            do { answer = try request.perform(stop: stop) } catch let error as WebError {
                throw WebKeyError(error, of: "\(host), port \(endpoint.port),")
            }
            switch answer.status {
            case 200: return answer.content
            case 404: return nil
            case 300..<400:
                throw WebKeyError(.refused, "\(host) answers with a redirect (status \(answer.status)), which is not followed")
            default: throw WebKeyError(.refused, "\(host) answers with status \(answer.status)")
            }
        }
        return nil
    }
}
