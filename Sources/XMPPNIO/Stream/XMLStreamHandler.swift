import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import XML
import XMPP

/// The end of a channel's pipeline that speaks XMPP: bytes to the parser, what it sees to ``ClientStream``, and the stream's actions
/// back onto the channel, all of it synchronously on the event loop.
///
/// What nobody may interrupt happens here: STARTTLS, the change of parsers, the order of stanzas, stream management's counts.
final class XMLStreamHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What the handler can't do by itself, in order.
    enum Output: Sendable {
        /// See ``ClientStream/Action/pin(_:)``.
        case pin(LoginPins)
        /// See ``ClientStream/Action/warn(_:)``.
        case warn(String)
        /// Keys that the next login can use.
        case derived(SCRAMKeys)
        /// See ``ClientStream/Action/online(_:)`` and ``ClientStream/Action/resumed(_:)``.
        case bound(ClientStream.Bound, resumed: Bool)
        /// See ``ClientStream/Action/stanza(_:_:)``.
        case stanza(Element, StreamManagement.Ticket?)
        /// See ``ClientStream/Action/acknowledged(_:)``.
        case acknowledged([StreamManagement.Token])
        /// See ``ClientStream/Action/record(_:_:)``.
        case record(ResumptionRecord, StreamManagement.Mark)
        /// See ``ClientStream/Action/refused(_:_:)``.
        case refused(StreamManagement.Token, SessionError)
        /// The server has been silent for too long and has no stream management: an IQ has to make it answer.
        case pingDue
        /// The stream is over. The failure is the transport's if it knows better than the stream. Comes exactly once.
        case ended(ClientStream.End, SessionFailure)
    }

    /// Times to wait.
    struct Timing: Sendable {
        /// From the connection to the bound resource.
        var login: TimeAmount = .seconds(30)
        /// From our `</stream:stream>` to the server's.
        var close: TimeAmount = .seconds(2)
        /// When to ask whether the server is still there.
        var link = LinkMonitor.Limits(silence: .seconds(60), answer: .seconds(30))
    }

    private var stream: ClientStream
    private let security: ClientStream.Security
    private let tls: TLSClient
    private let timing: Timing
    private let limits: ParserLimits
    private let threads: NIOThreadPool
    private let output: (Output) -> Void

    private var context: ChannelHandlerContext?
    private var parser: StreamParser?
    private var phase = Phase.plain
    private var events = CircularBuffer<ClientStream.Event>(initialCapacity: 1)
    private var isHandling = false
    private var monitor: LinkMonitor?
    private var acknowledges = false
    private var timer: Scheduled<Void>?
    private var isPaused = false
    private var readIsDue = false
    private var isClosing = false
    private var isOver = false
    /// What the transport knows about the end, the first reason that there was.
    private var transportFailure: SessionFailure?

    private enum Phase {
        case plain
        case securing
        case secured
        case loggedIn
    }

    init(
        stream: ClientStream,
        security: ClientStream.Security,
        tls: TLSClient,
        timing: Timing = Timing(),
        limits: ParserLimits = .stream,
        threads: NIOThreadPool = BlockingThreads.derivation,
        output: @escaping (Output) -> Void
    ) {
        self.stream = stream
        self.security = security
        self.tls = tls
        self.timing = timing
        self.limits = limits
        self.threads = threads
        self.output = output
    }

    // MARK: What the session asks for, on the event loop

    /// Reports an event of the session: ``ClientStream/Event/send(_:token:)``, ``ClientStream/Event/handled(_:)``.
    func report(_ event: ClientStream.Event) {
        handle(event)
    }

    /// What has to be remembered of the session once the stanza of a ticket and all before it are safe.
    func record(with ticket: StreamManagement.Ticket) -> ResumptionRecord? {
        stream.session?.record(with: ticket)
    }

    /// Closes the stream in order, and the connection at the latest when the time for that is over.
    func close() {
        guard !isOver, !isClosing else { return }
        isClosing = true
        monitor = nil
        schedule(in: timing.close) { $0.handle(.timedOut) }
        handle(.close)
    }

    /// Drops the connection; the session can be resumed.
    func abandon(_ failure: SessionFailure) {
        guard !isOver, !isClosing else { return }
        fail(failure)
    }

    /// Stops or resumes reading; see ``ClientSession`` for when.
    func setPaused(_ paused: Bool) {
        guard paused != isPaused else { return }
        isPaused = paused
        if !paused, readIsDue {
            readIsDue = false
            context?.read()
        }
    }

    /// Whether what comes is the server's own word: TLS is up, and the certificate is in order.
    var isSecured: Bool { phase == .secured || phase == .loggedIn }

    // MARK: The stream's actions

    /// Hands an event to the stream and performs what it wants. Actions may cause events; those wait for their turn.
    private func handle(_ event: ClientStream.Event) {
        events.append(event)
        guard !isHandling else { return }
        isHandling = true
        while let event = events.popFirst() {
            for action in stream.handle(event) { perform(action) }
        }
        isHandling = false
        watchQuestions()
        context?.flush()
    }

    /// Keeps the monitor's watch over `<r/>`: its answer may have come behind something else in the same read.
    private func watchQuestions() {
        guard let isAsking = stream.session?.isAsking, let now = context?.eventLoop.now else { return }
        if isAsking ? monitor?.asked(at: now) == true : monitor?.answered(at: now) == true { scheduleMonitor() }
    }

    private func perform(_ action: ClientStream.Action) {
        switch action {
        case .write(let text): write(text)
        case .startTLS: startTLS()
        case .restartParser: restartParser()
        case .derive(let request): derive(request)
        case .pin(let pins): output(.pin(pins))
        case .warn(let words): output(.warn(words))
        case .online(let bound): becomeBound(bound, resumed: false)
        case .resumed(let bound): becomeBound(bound, resumed: true)
        case .stanza(let element, let ticket): output(.stanza(element, ticket))
        case .acknowledged(let tokens): output(.acknowledged(tokens))
        case .record(let record, let mark): output(.record(record, mark))
        case .linkAlive: break
        case .refused(let token, let error): output(.refused(token, error))
        case .ended(let end): finish(end)
        case .closeTransport: closeTransport()
        }
    }

    private func write(_ text: String) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: text.utf8.count)
        buffer.writeString(text)
        monitor?.wrote(text.utf8.count, at: context.eventLoop.now)
        context.write(Self.wrapOutboundOut(buffer), promise: nil)
    }

    /// At `<proceed/>`: TLS goes in front, and nothing that was read before it counts (RFC 6120 § 5.4.3.3).
    private func startTLS() {
        guard let context else { return }
        phase = .securing
        parser = nil
        context.flush()
        do {
            try context.pipeline.syncOperations.addHandler(try tls.makeHandler(), position: .before(self))
        } catch {
            fail(tls.failure(error, nil))
        }
    }

    private func restartParser() {
        if phase == .secured, parser != nil { phase = .loggedIn }
        parser = StreamParser(limits: phase == .loggedIn ? limits : .beforeLogin)
    }

    private func derive(_ request: SCRAMKeyRequest) {
        guard let loop = context?.eventLoop else { return }
        threads.runIfActive(eventLoop: loop) { try request.derive() }.assumeIsolated().whenComplete { result in
            guard !self.isOver else { return }
            switch result {
            case .success(let keys):
                self.output(.derived(keys))
                self.handle(.derived(keys))
            case .failure:
                self.fail(SessionFailure(.login, "The keys for SCRAM could not be derived: out of memory."))
            }
        }
    }

    private func becomeBound(_ bound: ClientStream.Bound, resumed: Bool) {
        guard let context else { return }
        acknowledges = bound.acknowledges
        if !isClosing {
            monitor = LinkMonitor(timing.link, now: context.eventLoop.now)
            scheduleMonitor()
        }
        output(.bound(bound, resumed: resumed))
    }

    private func finish(_ end: ClientStream.End) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        parser = nil
        tls.discard()
        output(.ended(end, transportFailure ?? end.failure))
    }

    private func closeTransport() {
        guard let context else { return }
        context.flush()
        context.close(promise: nil)
    }

    /// Ends the connection for a reason that the stream can't know.
    private func fail(_ failure: SessionFailure) {
        transportFailure = transportFailure ?? failure
        handle(.disconnected(reason: failure.message))
        closeTransport()
    }

    // MARK: Time

    private func schedule(in delay: TimeAmount, _ body: @escaping (XMLStreamHandler) -> Void) {
        timer?.cancel()
        guard let loop = context?.eventLoop, !isOver else { return }
        timer = loop.assumeIsolated().scheduleTask(in: delay) { body(self) }
    }

    private func scheduleMonitor() {
        guard let monitor, let loop = context?.eventLoop else { return }
        schedule(in: max(monitor.deadline - loop.now, .milliseconds(1))) { $0.checkLink() }
    }

    private func checkLink() {
        guard let now = context?.eventLoop.now, let verdict = monitor?.verdict(at: now, isReading: !isPaused) else { return }
        switch verdict {
        case .wait: break
        case .ask where acknowledges: handle(.checkLink)
        case .ask: output(.pingDue)
        case .dead:
            transportFailure = SessionFailure(.network, "The server of \(tls.domain) has stopped answering.")
            handle(.timedOut)
            return
        }
        scheduleMonitor()
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    private func begin() {
        schedule(in: timing.login) { handler in
            handler.transportFailure = SessionFailure(.network, "The server of \(handler.tls.domain) took too long to log us in.")
            handler.handle(.timedOut)
        }
        switch security {
        case .startTLS:
            parser = StreamParser(limits: .beforeLogin)
            handle(.connected)
        case .directTLS: phase = .securing
        }
    }

    func read(context: ChannelHandlerContext) {
        if isPaused {
            readIsDue = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        guard !isOver else { return }
        monitor?.heard(at: context.eventLoop.now)
        guard let parser else { return }
        var seen: [StreamParser.Event] = []
        var refusal: ParseError?
        do {
            try buffer.withUnsafeReadableBytes { bytes throws(ParseError) in try parser.feed(bytes, into: &seen) }
        } catch {
            refusal = error
        }
        for (index, event) in seen.enumerated() {
            // What came in the clear behind `<proceed/>` was put there by somebody who hopes that it is taken for the server's.
            switch event {
            case .opened(let element): handle(.opened(element))
            case .stanza(let element): handle(.element(element))
            case .closed: handle(.closed)
            }
            if self.parser !== parser {
                let isLast = index == seen.count - 1 && refusal == nil
                if !isOver, !isLast || (phase == .securing && parser.bytesBehindLastEvent != 0) {
                    fail(
                        SessionFailure(
                            .protocol,
                            "The server of \(tls.domain) sent bytes behind an element after which the stream has to start anew."
                        )
                    )
                }
                return
            }
            if isOver { return }
        }
        if let refusal { handle(.unparsable(condition: refusal.streamErrorCondition, reason: refusal.description)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, phase == .securing { becomeSecured(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func becomeSecured(_ context: ChannelHandlerContext) {
        guard let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self) else {
            return fail(SessionFailure(.tls, "TLS is not in place."))
        }
        if let failure = tls.verifyName(handler) { return fail(failure) }
        phase = .secured
        handle(.secured(tls.bindings(handler)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return context.close(promise: nil) }
        switch phase {
        case .securing:
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            fail(tls.failure(error, handler?.peerCertificate))
        case .plain, .secured, .loggedIn:
            fail(SessionFailure(.network, "The connection to the server of \(tls.domain) broke: \(Self.words(error))."))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .securing {
            transportFailure = transportFailure ?? tls.failure(NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])), nil)
        }
        handle(.disconnected(reason: nil))
        timer?.cancel()
        context.fireChannelInactive()
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: SystemError.words(error.errnoCode)
        case NIOSSLError.uncleanShutdown: "the server closed it without a word"
        default: "\(error)"
        }
    }
}
