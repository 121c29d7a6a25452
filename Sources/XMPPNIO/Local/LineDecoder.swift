import NIOCore

/// Cuts a byte stream into lines without their line feed; a line that is too long ends the connection.
struct LineDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer
    private let limit: Int
    private var searched = 0

    init(limit: Int) {
        self.limit = limit
    }

    private var tooLong: LocalSocketError {
        LocalSocketError(.tooLong, "a line of more than \(limit) bytes came over the local socket")
    }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        let view = buffer.readableBytesView
        guard let end = view[(view.startIndex + searched)...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = view.count
            guard searched <= limit else { throw tooLong }
            return .needMoreData
        }
        let length = end - view.startIndex
        guard length <= limit, let line = buffer.readSlice(length: length) else {
            throw tooLong
        }
        searched = 0
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(Self.wrapInboundOut(line))
        return .continue
    }

    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        // What is left without its line feed was cut off: not a line.
        let state = try decode(context: context, buffer: &buffer)
        if state == .needMoreData { buffer.clear() }
        return state
    }
}
