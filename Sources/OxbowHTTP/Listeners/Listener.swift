import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import YAMLConfiguration

/// One place to listen: bound when it is made, serving while ``run()`` runs.
final class Listener: Sendable {
    /// Where it listens, with the port that was found free.
    let address: ListenAddress
    private let channel: any Channel
    private let file: UnixSocket?
    private let http: GuardedChannel
    private let logger: Logger
    private let arrivals: Arrivals

    /// Binds; connections wait until ``run()``.
    ///
    /// - Parameters:
    ///   - setup: Prepares a connection: with TLS or without.
    /// - Throws: What keeps it from listening.
    static func bind(
        _ address: ListenAddress,
        http: GuardedChannel,
        logger: Logger,
        setup: @escaping @Sendable (any Channel, Logger) -> EventLoopFuture<HTTP1Channel.Value>
    ) async throws(Complaint) -> Listener {
        // The channel's initializer needs what is made of the channel; nothing is accepted before `run()`.
        let arrivals = Shared<Arrivals?>(nil)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let delegate = MaximumAvailableConnections(http.limits.connections, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(AvailableConnectionsChannelHandler(delegate: delegate))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                guard let arrivals = arrivals.value else { return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
                return arrivals.prepare(channel) { setup($0, logger) }
            }
        do {
            let channel: any Channel
            var file: UnixSocket?
            switch address {
            case .tcp(let host, let port): channel = try await bootstrap.bind(host: host, port: port).get()
            case .unix(let path):
                let (descriptor, made) = try UnixSocket.listen(path)
                file = made
                channel = try await bootstrap.withBoundSocket(descriptor).get()
            }
            let made = Arrivals(of: channel)
            arrivals.change { $0 = made }
            return Listener(address, channel, made, file, http, logger)
        } catch let complaint as Complaint {
            throw complaint
        } catch let error as IOError {
            throw Complaint("\(address) can't be listened at: \(error.reasonText)", hint: error.hint)
        } catch {
            throw Complaint("\(address) can't be listened at: \(error)")
        }
    }

    private init(
        _ address: ListenAddress,
        _ channel: any Channel,
        _ arrivals: Arrivals,
        _ file: UnixSocket?,
        _ http: GuardedChannel,
        _ logger: Logger
    ) {
        if case .tcp(let host, 0) = address, let port = channel.localAddress?.port {
            self.address = .tcp(host: host, port: port)
        } else {
            self.address = address
        }
        self.channel = channel
        self.arrivals = arrivals
        self.file = file
        self.http = http
        self.logger = logger
    }

    deinit {
        // One that never ran leaves nothing behind.
        channel.close(promise: nil)
    }

    /// Accepts and serves until ``stop(within:clock:)`` or the task's cancellation.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                do {
                    try await channel.setOption(.autoRead, value: true).get()
                    channel.read()
                } catch {
                    logger.error("a listener can't accept", metadata: ["address": "\(address)", "error": "\(error)"])
                }
                for await _ in arrivals.signals { serveWaiting(&group) }
                await close()
                await arrivals.wait()
                serveWaiting(&group)
            }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func serveWaiting(_ group: inout DiscardingTaskGroup) {
        for value in arrivals.take() {
            group.addTask { await self.http.handle(value: value, logger: self.logger) }
        }
    }

    /// Stops accepting, lets what is under way finish, and closes what takes longer than `grace`.
    func stop(within grace: Duration, clock: any Clock<Duration>) async {
        await close()
        await arrivals.wait()
        let open = arrivals.open
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                // Throws when all have ended before.
                do { try await clock.sleep(for: grace) } catch { return }
                for channel in open { channel.close(promise: nil) }
            }
            for channel in open { try? await channel.closeFuture.get() }
            group.cancelAll()
        }
    }

    /// Stops accepting. The file of a Unix socket goes too.
    func close() async {
        file?.remove()
        try? await channel.close()
    }
}

extension IOError {
    /// The system's words.
    fileprivate var reasonText: String {
        switch errnoCode {
        case 98: "the address is in use"
        case 13: "a port below 1024 needs a privilege"
        case 99: "this machine has no such address"
        default: description
        }
    }

    /// What can be done.
    fileprivate var hint: String? {
        switch errnoCode {
        case 98: "stop what listens there, or choose another port"
        case 13: "choose a port above 1023, or give CAP_NET_BIND_SERVICE"
        case 99: "ip address shows those that it has"
        default: nil
        }
    }
}
