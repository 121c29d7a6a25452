/// Makes elements of start tags, text and end tags, within limits.
struct TreeBuilder {
    /// What an end tag has completed.
    enum Ended {
        /// An element that belongs to another one.
        case inner
        /// An element at the level that is handed out.
        case stanza(Element)
        /// The root of a stream.
        case root
    }

    private let limits: ParserLimits
    /// Open elements that are handed out only through their children: 1 for a stream (its root), 0 for a document.
    private let frame: Int
    private var stack: [Element] = []
    private var text: [UInt8] = []
    private var elements = 0
    private(set) var depth = 0

    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        self.frame = frame
        stack.reserveCapacity(min(limits.depth, 64))
    }

    /// Whether the next start tag opens the root of a stream.
    var expectsFrame: Bool { depth < frame }

    /// Counts the root of a stream; its content isn't kept.
    mutating func openFrame() {
        depth += 1
    }

    mutating func start(_ element: Element) throws(ParseError) {
        try flushText()
        guard depth < limits.depth else { throw ParseError(.tooDeep, "elements nested more than \(limits.depth) deep") }
        if stack.isEmpty { elements = 0 }
        elements += 1
        guard elements <= limits.elements else { throw ParseError(.tooMany, "a stanza of more than \(limits.elements) elements") }
        depth += 1
        stack.append(element)
    }

    mutating func characters(_ bytes: UnsafeRawBufferPointer) throws(ParseError) {
        guard !stack.isEmpty else {
            guard bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else {
                throw ParseError(.strayText, "text between stanzas")
            }
            return
        }
        guard text.count + bytes.count <= limits.textBytes else {
            throw ParseError(.tooBig, "a text of more than \(limits.textBytes) bytes")
        }
        text.append(contentsOf: bytes)
    }

    mutating func end() throws(ParseError) -> Ended {
        try flushText()
        depth -= 1
        guard let element = stack.popLast() else { return .root }
        if stack.isEmpty { return .stanza(element) }
        try append(.element(element))
        return .inner
    }

    private mutating func flushText() throws(ParseError) {
        guard !text.isEmpty else { return }
        let run = String(decoding: text, as: UTF8.self)
        text.removeAll(keepingCapacity: text.count <= 4096)
        try append(.text(run))
    }

    private mutating func append(_ node: Element.Node) throws(ParseError) {
        let last = stack.count - 1
        guard stack[last].nodes.count < limits.children else {
            throw ParseError(.tooMany, "an element with more than \(limits.children) children")
        }
        stack[last].nodes.append(node)
    }
}
