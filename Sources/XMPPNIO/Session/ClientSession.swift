public import Logging
public import NIOCore
public import NIOPosix
import XML
public import XMPP

/// An account's session with its server over TCP and TLS: it connects, logs in, stays online, and comes back.
///
/// The session is an actor on one event loop, and so are its connections; what arrives leaves through ``events`` in the order in
/// which it came. Reading stops while too much of it waits for the account to journal it (R2), and only for that: answers to the
/// account's own requests come down the same stream.
public actor ClientSession: Session {
    /// The account's bare JID.
    public nonisolated let account: Address
    /// What happens, in order; for one consumer. It ends after ``run()``.
    public nonisolated let events: AsyncStream<SessionEvent>
    /// The event loop that everything of this session runs on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Prepares a session; nothing happens before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Who logs in, where, and on what conditions.
    ///   - handlers: What answers requests of others. Service discovery and pings are always there.
    ///   - features: What disco and presence announce besides the handlers' features.
    ///   - identity: What we are.
    ///   - node: A URI that names the software (XEP-0115).
    ///   - isHeard: Whether requests of an address are answered at all (R3).
    ///   - memory: What earlier logins have proved (R13); `nil` forgets it with the process.
    ///   - resumptions: Where the session is remembered, so that the next process can take it over after a crash (R12); `nil` doesn't.
    ///     With it, ``InboundMessage/resumption`` comes with every message.
    ///   - resolver: Where host names are looked up.
    ///   - eventLoopGroup: Where the session runs.
    ///   - logger: Gets what the operator should know; never content, never secrets.
    public init(
        configuration: Configuration,
        handlers: [any IQHandler] = [],
        features: [String] = [],
        identity: DiscoInfo.Identity = DiscoInfo.Identity("client", "bot", name: "Oxbow"),
        node: String,
        isHeard: @escaping @Sendable (Address) -> Bool = { _ in true },
        memory: (any LoginMemory)? = nil,
        resumptions: (any ResumptionMemory)? = nil,
        resolver: any Resolver = SystemResolver.shared,
        eventLoopGroup: any EventLoopGroup = NIOSingletons.posixEventLoopGroup,
        logger: Logger
    ) {
        let loop = eventLoopGroup.any()
        let queue = EventQueue<SessionEvent>()
        self.configuration = configuration
        account = configuration.address.bare
        self.loop = loop
        executor = loop.executor
        router = IQRouter([Ping()] + handlers, features: features, identity: identity, node: node)
        self.isHeard = isHeard
        self.memory = memory
        self.resumptions = resumptions
        gate = SendGate(account: configuration.address, learnt: configuration.learntLimit)
        self.resolver = resolver
        self.logger = logger
        self.queue = queue
        events = queue.stream
        requests = RequestTable(account: configuration.address.bare)
        (jobs, addJob) = AsyncStream.makeStream()
        // The consumer takes events wherever it runs; reading goes on from here.
        queue.onTake { [weak self] event in
            guard case .presence = event, let self else { return }
            loop.execute { self.assumeIsolated { $0.presenceSeen() } }
        }
    }

    /// What the session does beside its connection, as child tasks of ``run()``.
    enum Job: Sendable {
        /// Answer the request of somebody else.
        case answer(Element)
        /// Store what a login has proved.
        case remember(LoginPins)
        /// Store what another process needs.
        case writeRecords
    }

    nonisolated let configuration: Configuration
    nonisolated let loop: any EventLoop
    private nonisolated let executor: any SerialExecutor
    nonisolated let router: IQRouter
    nonisolated let isHeard: @Sendable (Address) -> Bool
    nonisolated let memory: (any LoginMemory)?
    nonisolated let resumptions: (any ResumptionMemory)?
    nonisolated let resolver: any Resolver
    nonisolated let logger: Logger
    nonisolated let queue: EventQueue<SessionEvent>
    nonisolated let jobs: AsyncStream<Job>
    nonisolated let addJob: AsyncStream<Job>.Continuation

    // What lives longer than a connection.
    var resumption: StreamManagement?
    /// The session of an earlier process, until it is resumed or found to be gone.
    var takenOver: ResumptionRecord?
    /// The server still has the available presence that an earlier process sent, with the same capabilities (R12).
    var presenceStands = false
    /// What is to be stored of sessions, in order.
    var records: [RecordJob] = []
    var isWritingRecords = false
    /// Whether there is a record on disk, or going to be.
    var hasRecord = false
    var gate: SendGate
    /// The archive that is being read.
    var archive: ArchiveCatchUp?
    /// Results that the account has been given and not yet stored, and who waits for that.
    var unprocessedResults = 0
    var hasLostResults = false
    var archiveWaiter: CheckedContinuation<Void, Never>?
    /// The query ids of the readings before.
    var pastQueries: [String] = []
    var keys: SCRAMKeys?
    var pins: LoginPins?
    var skipUnlistedBinding = false
    var isStopping = false
    var hasRun = false
    /// Messages that the account has been given and not yet journalled.
    var unprocessed = 0
    /// Presence that the account has not looked at.
    var unseen = 0
    /// Requests of others that are being answered.
    var answering = 0

    // What waits for the server.
    var requests: RequestTable<RequestWaiter, NIODeadline>
    var sends: [StreamManagement.Token: SendWaiter] = [:]
    var refusals: [StreamManagement.Token: SessionError] = [:]
    /// Stanzas that wait for their turn at the gate.
    var held: [StreamManagement.Token: Element] = [:]
    /// Stanzas whose turn came while no connection carried the session, in order.
    var postponed: [StreamManagement.Token] = []
    /// Who waits for such a stanza to be written.
    var turns: [StreamManagement.Token: Turn] = [:]
    /// Requests that are large enough to be too big, by token.
    var largeRequests: [StreamManagement.Token: String] = [:]
    var lastToken: StreamManagement.Token = 0
    /// Counts the sessions with the server; see ``Session/sessionNumber``.
    public internal(set) var sessionNumber: UInt64 = 0
    var expiry: (deadline: NIODeadline, task: Scheduled<Void>)?

    /// The connection, from the moment when TCP is up.
    var link: Link?
    var lastLink = 0
    /// Closes what is being connected.
    var abandonConnecting: (() -> Void)?

    /// Keeps the account online until the task is cancelled; then the stream is closed in order, within two seconds.
    ///
    /// It never gives up: after a failure it waits (``SessionEvent/offline(_:retryIn:)`` says how long) and tries again. Call it once.
    public func run() async {
        guard !hasRun else { return }
        hasRun = true
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.performJobs() }
                await recallSession()
                await keepConnected()
                group.cancelAll()
            }
            // What is left to be stored, above all that there is nothing to resume, even though the task is cancelled.
            await Task { await self.writeRecords() }.value
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.stop() } }
        }
        queue.finish()
    }

    private func stop() {
        isStopping = true
        abandonConnecting?()
        link?.handler.close()
    }
}
