import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1 connection with our guard in its pipeline.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let limits: HTTPLimits
    /// Counts a refusal under a fixed word.
    let count: @Sendable (String) -> Void

    init(limits: HTTPLimits, count: @escaping @Sendable (String) -> Void, responder: @escaping HTTPChannelHandler.Responder) {
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headers,
            maxHeaderListSize: limits.headers,
            maxHeaderFieldCount: limits.headerCount
        )
        base = HTTP1Channel(responder: responder, configuration: HTTP1Channel.Configuration(httpDecoderConfiguration: decoder))
        self.limits = limits
        self.count = count
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let guardian = ConnectionGuard(limits: limits, count: count)
            try pipeline.addHandler(ByteWatch(guardian), position: .before(decoder))
            try pipeline.addHandler(guardian, position: .after(decoder))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
