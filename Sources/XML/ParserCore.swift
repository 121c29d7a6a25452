/// What ``StreamParser`` and ``Document`` share: gate, libxml2 and tree in a row.
final class ParserCore {
    private let bridge: SAXBridge
    private var gate: ByteGate
    private var fed = 0
    private var failure: ParseError?

    init(limits: ParserLimits, frame: Int) {
        bridge = SAXBridge(limits: limits, frame: frame)
        gate = ByteGate(limits: limits, frame: frame)
    }

    /// How many bytes lie behind the last event's `>`.
    var bytesBehindLastEvent: Int { fed - gate.boundary }

    /// How many names libxml2 remembers.
    var namesHeld: Int { bridge.namesHeld }

    func feed(_ bytes: UnsafeRawBufferPointer, into events: inout [StreamParser.Event]) throws(ParseError) {
        if let failure { throw failure }
        var rest = bytes
        while !rest.isEmpty {
            // libxml2 copies what it is fed: in large pieces that costs more than in small ones.
            let slice = UnsafeRawBufferPointer(rebasing: rest.prefix(16 * 1024))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(slice.count))
            let (allowed, refusal) = gate.pass(slice)
            fed += slice.count
            bridge.feed(UnsafeRawBufferPointer(rebasing: slice.prefix(allowed)), into: &events)
            // libxml2 saw only what lies before the gate's refusal, so its own came first.
            if let error = bridge.failure ?? refusal {
                failure = error
                throw error
            }
        }
    }
}
