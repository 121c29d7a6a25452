import CLibXML2

/// What libxml2's calls do: elements out of tags, events out of elements, the first refusal kept.
///
/// It lives behind a pointer that libxml2 holds, so that a call costs neither a reference count nor a check for exclusive access: there are
/// some ten of them in a stanza.
struct SAXReceiver: ~Copyable {
    /// What was completed and not yet taken.
    var events: [StreamParser.Event] = []
    /// Why nothing more can come.
    private(set) var failure: ParseError?
    /// Whether the root has ended.
    private(set) var closed = false
    /// The root's start tag as text, to begin a fresh context with.
    private(set) var header: [UInt8] = []
    /// The parser that calls, and how many of all bytes lie before what it was given.
    var context: xmlParserCtxtPtr?
    var base = 0
    /// Set while a fresh context reads `header`.
    var isRenewing = false

    private let limits: ParserLimits
    private let frame: Int
    private var builder: TreeBuilder
    private var names: NameCache
    private let values = ValueCache()

    /// - Parameter frame: 1 for a stream, whose root is handed out as header and end; 0 for a document.
    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        self.frame = frame
        builder = TreeBuilder(limits: limits, frame: frame)
        names = NameCache(limit: limits.nameBytes)
    }

    /// Whether the root of a stream is open and no stanza is.
    var isBetweenStanzas: Bool { frame == 1 && builder.depth == 1 && !closed }

    /// How many bytes libxml2 has read.
    var position: Int {
        guard let context else { return base }
        return base + max(0, Int(xmlByteConsumed(context)))
    }

    /// Takes on a fresh context, whose names stand elsewhere.
    mutating func forgetNames() {
        names = NameCache(limit: limits.nameBytes)
    }

    // MARK: libxml2's calls

    mutating func start(
        _ local: UnsafePointer<xmlChar>,
        prefix: UnsafePointer<xmlChar>?,
        namespace: UnsafePointer<xmlChar>?,
        declarations: UnsafeBufferPointer<UnsafePointer<xmlChar>?>,
        attributes: UnsafeBufferPointer<UnsafePointer<xmlChar>?>
    ) {
        guard !isRenewing else { return }
        do throws(ParseError) {
            let element = Element(name: try names.name(local, namespace), attributes: try read(attributes))
            guard builder.expectsFrame else { return try builder.start(element) }
            builder.openFrame()
            header = Self.header(local, prefix: prefix, declarations: declarations)
            events.append(.opened(element))
        } catch {
            stop(error)
        }
    }

    mutating func characters(_ bytes: UnsafeRawBufferPointer) {
        do throws(ParseError) {
            try builder.characters(bytes)
        } catch {
            stop(error)
        }
    }

    mutating func end() {
        do throws(ParseError) {
            guard let event = try builder.end() else { return }
            closed = builder.depth == 0
            events.append(event)
        } catch {
            stop(error)
        }
    }

    mutating func restricted(_ what: String) {
        stop(ParseError(.restricted, what))
    }

    /// An error that libxml2 reports. Many (an unbound prefix among them) are not fatal to it; to us they are.
    mutating func report(_ code: Int, isWarning: Bool) {
        // A namespace name that is no URI, or a relative one: unwise, but servers pass it on, so a stranger could end our streams with it.
        let ignored = [XML_WAR_NS_URI, XML_WAR_NS_URI_RELATIVE, XML_WAR_NS_COLUMN].map { Int($0.rawValue) }
        guard !isWarning, !ignored.contains(code) else { return }
        fail(code)
    }

    // MARK: refusing

    /// Refuses for a reason that libxml2 names.
    mutating func fail(_ code: Int) {
        switch code {
        case Int(XML_ERR_NO_MEMORY.rawValue):
            stop(ParseError(.noMemory, "no memory for the parser"))
        case Int(XML_ERR_UNDECLARED_ENTITY.rawValue), Int(XML_WAR_UNDECLARED_ENTITY.rawValue):
            stop(ParseError(.restricted, "a reference to an entity that is not predefined"))
        case Int(XML_NS_ERR_UNDEFINED_NAMESPACE.rawValue):
            stop(ParseError(.unboundPrefix, "a prefix without a declaration"))
        case Int(XML_ERR_DOCUMENT_END.rawValue) where closed:
            stop(ParseError(.trailingContent, "content behind the root"))
        default:
            stop(ParseError(.malformed, "not well-formed (libxml2's error \(code))"))
        }
    }

    /// Keeps the first refusal and ends the parse.
    ///
    /// Not by `xmlStopParser`: that frees the input under the arguments of the very call that we are in. These are the fields that
    /// libxml2's own fatal errors set, after which it makes no further call and returns at the next token.
    private mutating func stop(_ error: ParseError) {
        guard failure == nil else { return }
        failure = ParseError(error.code, error.message, offset: position)
        guard let context else { return }
        context.pointee.disableSAX = 1
        context.pointee.wellFormed = 0
        if context.pointee.errNo == Int32(XML_ERR_OK.rawValue) { context.pointee.errNo = Int32(XML_ERR_USER_STOP.rawValue) }
    }

    // MARK: pieces

    /// libxml2 gives five pointers an attribute: local name, prefix, namespace, and its value's beginning and end.
    private mutating func read(_ attributes: UnsafeBufferPointer<UnsafePointer<xmlChar>?>) throws(ParseError) -> Attributes {
        guard !attributes.isEmpty else { return Attributes() }
        var list: [Attributes.Entry] = []
        list.reserveCapacity(attributes.count / 5)
        for index in stride(from: 0, to: attributes.count, by: 5) {
            guard let local = attributes[index], let start = attributes[index + 3], let end = attributes[index + 4] else { continue }
            guard end - start <= limits.attributeBytes else {
                throw ParseError(.tooBig, "an attribute of more than \(limits.attributeBytes) bytes")
            }
            let value = values.string(UnsafeBufferPointer(start: start, count: end - start))
            list.append(Attributes.Entry(key: try names.name(local, attributes[index + 2]), value: value))
        }
        return Attributes(unchecked: list)
    }

    /// A start tag that puts the same prefixes in force as the root's.
    private static func header(
        _ local: UnsafePointer<xmlChar>,
        prefix: UnsafePointer<xmlChar>?,
        declarations: UnsafeBufferPointer<UnsafePointer<xmlChar>?>
    ) -> [UInt8] {
        var text = "<" + (prefix.map { String(cString: $0) + ":" } ?? "") + String(cString: local)
        for index in stride(from: 0, to: declarations.count, by: 2) {
            let name = declarations[index].map { ":" + String(cString: $0) } ?? ""
            text += " xmlns\(name)='"
            text.appendEscaped(declarations[index + 1].map { String(cString: $0) } ?? "", attribute: true)
            text += "'"
        }
        return Array((text + ">").utf8)
    }
}

// MARK: the table of calls

extension SAXReceiver {
    /// The calls, for a parser whose user data points to a receiver.
    static var handler: xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = UInt32(XML_SAX2_MAGIC)
        handler.startElementNs = { data, local, prefix, namespace, declarationCount, declarations, attributeCount, _, attributes in
            guard let local else { return }
            data?.assumingMemoryBound(to: SAXReceiver.self).pointee.start(
                local,
                prefix: prefix,
                namespace: namespace,
                declarations: UnsafeBufferPointer(start: declarations, count: Int(declarationCount) * 2),
                attributes: UnsafeBufferPointer(start: attributes, count: Int(attributeCount) * 5)
            )
        }
        handler.endElementNs = { data, _, _, _ in data?.assumingMemoryBound(to: SAXReceiver.self).pointee.end() }
        handler.characters = { data, bytes, count in
            data?.assumingMemoryBound(to: SAXReceiver.self).pointee.characters(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        }
        handler.ignorableWhitespace = handler.characters
        handler.cdataBlock = handler.characters
        handler.serror = { data, error in
            guard let error else { return }
            let (code, level) = (Int(error.pointee.code), error.pointee.level)
            data?.assumingMemoryBound(to: SAXReceiver.self).pointee.report(code, isWarning: level == XML_ERR_WARNING)
        }
        // The ByteGate lets none of these through; should it err, they stop here.
        handler.internalSubset = { data, _, _, _ in
            data?.assumingMemoryBound(to: SAXReceiver.self).pointee.restricted("a document type declaration")
        }
        handler.comment = { data, _ in data?.assumingMemoryBound(to: SAXReceiver.self).pointee.restricted("a comment") }
        handler.processingInstruction = { data, _, _ in
            data?.assumingMemoryBound(to: SAXReceiver.self).pointee.restricted("a processing instruction")
        }
        return handler
    }
}
