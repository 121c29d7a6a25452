import NIOCore
import NIOHTTP1

/// Holds a connection to its limits, refuses what could be read in two ways, and puts the headers on every answer that each must have.
///
/// It stands behind the decoder; ``ByteWatch`` in front of it tells it about bytes that don't make a part yet.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var machine: ConnectionMachine
    private let limits: HTTPLimits
    private let count: @Sendable (String) -> Void
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?
    private var context: ChannelHandlerContext?
    /// What the decoder couldn't read; the answer to it says what it was.
    private var parserError: HTTPParserError?
    /// Whether a request of this connection was refused here: nothing after it is passed on.
    private var isSpent = false

    /// - Parameter count: Counts a refusal under a fixed word.
    init(limits: HTTPLimits, count: @escaping @Sendable (String) -> Void) {
        machine = ConnectionMachine(limits: ConnectionMachine.Limits(limits))
        self.limits = limits
        self.count = count
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        machine.opened(context.eventLoop.now)
        arm(context)
    }

    /// Bytes came, before the decoder has seen them.
    fileprivate func bytes(_ count: Int) {
        guard let context else { return }
        follow(machine.bytes(count, context.eventLoop.now), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !machine.isLingering, !isSpent else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            let complaint = Self.complaint(about: head)
            if let complaint {
                isSpent = true
                count(complaint.1)
                // Answers come in the order of requests: with those that are owed the connection ends.
                guard !machine.owesAnswers else { return follow(machine.quiesce(), context) }
            }
            machine.head(isKeepAlive: head.isKeepAlive, context.eventLoop.now)
            arm(context)
            if let complaint { return refuse(complaint.0, context) }
        case .body: break
        case .end:
            machine.end(context.eventLoop.now)
            arm(context)
        }
        context.fireChannelRead(data)
    }

    /// What makes a head unfit to be passed on: what another server on the way could have read in another way.
    static func complaint(about head: HTTPRequestHead) -> (HTTPResponseStatus, String)? {
        let lengths = head.headers["content-length"]
        let codings = head.headers["transfer-encoding"]
        if !codings.isEmpty, !lengths.isEmpty { return (.badRequest, "ambiguous-length") }
        if lengths.count > 1 { return (.badRequest, "ambiguous-length") }
        if let length = lengths.first, length.isEmpty || !length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || Int(length) == nil {
            return (.badRequest, "ambiguous-length")
        }
        if !codings.isEmpty, codings.count > 1 || codings.first?.lowercased() != "chunked" || head.version == .http1_0 {
            return (.notImplemented, "transfer-encoding")
        }
        guard head.version.major == 1 else { return (.httpVersionNotSupported, "version") }
        let hosts = head.headers["host"].count
        if hosts > 1 || hosts == 0 && head.version != .http1_0 { return (.badRequest, "host") }
        if let expected = head.headers["expect"].first, expected.lowercased() != "100-continue" { return (.expectationFailed, "expect") }
        return nil
    }

    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: ["Content-Length": "0"])
        write(context: context, data: wrapInboundless(.head(head)), promise: nil)
        write(context: context, data: wrapInboundless(.end(nil)), promise: nil)
        context.flush()
    }

    private func wrapInboundless(_ part: HTTPServerResponsePart) -> NIOAny { NIOAny(part) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            count("parse")
            if machine.owesAnswers {
                // It would be answered before them.
                isSpent = true
                return follow(machine.quiesce(), context)
            }
            parserError = error
        }
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            // Not passed on: the handlers behind would close before the answer says so.
            follow(machine.quiesce(), context)
        case ChannelEvent.inputClosed:
            let action = machine.inputClosed()
            context.fireUserInboundEventTriggered(event)
            follow(action, context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            if case .headerOverflow? = parserError { head.status = .requestHeaderFieldsTooLarge }
            if machine.answerHead(context.eventLoop.now) { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            for (name, value) in Self.always where !head.headers.contains(name: name) { head.headers.add(name: name, value: value) }
            arm(context)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.assumeIsolated().whenComplete { _ in
                guard let context = self.context else { return }
                self.follow(self.machine.answerEnd(context.eventLoop.now), context)
            }
            context.write(data, promise: written)
        default: context.write(data, promise: promise)
        }
    }

    /// What every answer says, unless it says something else of its own.
    static let always = [
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    private func follow(_ action: ConnectionMachine.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none: arm(context)
        case .shutOutput:
            arm(context)
            context.close(mode: .output, promise: nil)
        case .close(let reason):
            if reason == .slowRequest || reason == .slowReader { count(reason.rawValue) }
            context.close(promise: nil)
        }
    }

    /// One timer at a time: one that is due too early looks again at its end, one that is due too late makes room.
    private func arm(_ context: ChannelHandlerContext) {
        guard let deadline = machine.deadline else { return }
        if let timer {
            guard deadline < timer.due else { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            guard let context = self.context else { return }
            self.follow(self.machine.fired(context.eventLoop.now), context)
        }
        timer = (task, deadline)
    }
}

/// Tells a connection's guard about bytes, before they make up a part of a request.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let guardian: ConnectionGuard

    init(_ guardian: ConnectionGuard) { self.guardian = guardian }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guardian.bytes(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }
}
