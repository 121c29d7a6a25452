/// Makes elements of start tags, text and end tags, within limits.
///
/// Not copyable, and with memory of its own for the open elements: everything is moved from tag to tree exactly once. With an array of
/// elements the parser took half as long again, for copies that were thrown away at once.
struct TreeBuilder: ~Copyable {
    private let limits: ParserLimits
    /// Open elements that are handed out only through their children: 1 for a stream (its root), 0 for a document.
    private let frame: Int
    /// Elements whose end tag hasn't come, without their content: room for as many as may be, the first `height` of which are there.
    private let open: UnsafeMutablePointer<Element>
    /// Their text since the last tag.
    private let text: UnsafeMutablePointer<String>
    /// Their content up to the last tag: one stack for all of them, and where each one's part begins.
    private var nodes: UnsafeMutablePointer<Element.Node>
    private var nodeCount = 0
    private var nodeCapacity = 16
    private let firstNode: UnsafeMutablePointer<Int>
    private var height = 0
    private var elements = 0
    private(set) var depth = 0

    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        self.frame = frame
        let capacity = max(limits.depth, 1)
        open = .allocate(capacity: capacity)
        text = .allocate(capacity: capacity)
        nodes = .allocate(capacity: nodeCapacity)
        firstNode = .allocate(capacity: capacity)
        firstNode.initialize(repeating: 0, count: capacity)
        text.initialize(repeating: "", count: capacity)
    }

    deinit {
        let capacity = max(limits.depth, 1)
        open.deinitialize(count: height)
        text.deinitialize(count: capacity)
        nodes.deinitialize(count: nodeCount)
        open.deallocate()
        text.deallocate()
        nodes.deallocate()
        firstNode.deallocate()
    }

    /// Whether the next start tag opens the root of a stream.
    var expectsFrame: Bool { depth < frame }

    /// Counts the root of a stream; its content isn't kept.
    mutating func openFrame() {
        depth += 1
    }

    mutating func start(_ element: consuming Element) throws(ParseError) {
        guard depth < limits.depth else { throw ParseError(.tooDeep, "elements nested more than \(limits.depth) deep") }
        depth += 1
        elements += 1
        guard elements <= limits.elements else { throw ParseError(.tooMany, "a stanza of more than \(limits.elements) elements") }
        if height > 0, !text[height - 1].isEmpty { try flushText() }
        (open + height).initialize(to: element)
        firstNode[height] = nodeCount
        height += 1
    }

    /// libxml2 gives whole characters, so each piece is text of its own.
    mutating func characters(_ bytes: UnsafeRawBufferPointer) throws(ParseError) {
        guard height > 0 else {
            guard bytes.allSatisfy(\.isBlank) else { throw ParseError(.strayText, "text between stanzas") }
            return
        }
        let count = text[height - 1].utf8.count
        guard count + bytes.count <= limits.textBytes else {
            throw ParseError(.tooBig, "a text of more than \(limits.textBytes) bytes")
        }
        let piece = String(decoding: bytes, as: UTF8.self)
        if count == 0 { text[height - 1] = piece } else { text[height - 1] += piece }
    }

    /// - Returns: What the end tag completes: a stanza, or the root of a stream; `nil` for an element that belongs to another one.
    mutating func end() throws(ParseError) -> StreamParser.Event? {
        depth -= 1
        guard height > 0 else { return .closed }
        let last = height - 1
        if nodeCount == firstNode[last] {
            if !text[last].isEmpty { open[last].content = .text(takeText()) }
        } else {
            if !text[last].isEmpty { try flushText() }
            open[last].content = .nodes(takeNodes())
        }
        guard last > 0 else {
            height = 0
            elements = 0
            return .stanza(open.move())
        }
        height = last
        let element = (open + last).move()
        try push(.element(element))
        return nil
    }

    /// Makes a node of the text of the element at hand.
    private mutating func flushText() throws(ParseError) {
        try push(.text(takeText()))
    }

    private func takeText() -> String {
        let place = text + (height - 1)
        let value = place.move()
        place.initialize(to: "")
        return value
    }

    /// The nodes of the element at hand, in an array that is as large as it needs to be and moved to once.
    private mutating func takeNodes() -> [Element.Node] {
        let first = firstNode[height - 1]
        var array: [Element.Node] = []
        array.reserveCapacity(nodeCount - first)
        for index in first..<nodeCount { array.append((nodes + index).move()) }
        nodeCount = first
        return array
    }

    /// Adds a node to the element at hand.
    private mutating func push(_ node: consuming Element.Node) throws(ParseError) {
        guard nodeCount - firstNode[height - 1] < limits.children else {
            throw ParseError(.tooMany, "an element with more than \(limits.children) children")
        }
        if nodeCount == nodeCapacity {
            let larger = UnsafeMutablePointer<Element.Node>.allocate(capacity: nodeCapacity * 2)
            larger.moveInitialize(from: nodes, count: nodeCount)
            nodes.deallocate()
            nodes = larger
            nodeCapacity *= 2
        }
        (nodes + nodeCount).initialize(to: node)
        nodeCount += 1
    }
}
