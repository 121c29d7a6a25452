import CLibXML2

/// A libxml2 push parser that feeds a ``TreeBuilder``.
///
/// Never stops libxml2 with `xmlStopParser`: that frees the input under the callback's arguments. A refusal sets the fields that
/// libxml2's own fatal errors set, after which it makes no further call and returns at the next token.
final class SAXBridge {
    /// Why nothing more can come.
    private(set) var failure: ParseError?
    private let limits: ParserLimits
    private let frame: Int
    private var builder: TreeBuilder
    private var names: NameCache
    private var context: xmlParserCtxtPtr?
    private var events: [StreamParser.Event] = []
    private var closed = false
    /// Bytes given to libxml2, and how many of all bytes lie before what this context was given.
    private var fed = 0
    private var base = 0
    /// The root's start tag as text, to begin a fresh context with.
    private var header: [UInt8] = []
    private var isRenewing = false

    /// - Parameter frame: 1 for a stream, whose root is handed out as header and end; 0 for a document.
    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        self.frame = frame
        builder = TreeBuilder(limits: limits, frame: frame)
        names = NameCache(limit: limits.nameBytes)
        Self.prepareLibrary
        makeContext()
    }

    deinit {
        if let context { xmlFreeParserCtxt(context) }
    }

    /// Once in a process, before any thread uses libxml2. The second line keeps what has no parser to report to (such as a lack of
    /// memory in a table) off stderr.
    private static let prepareLibrary: Void = {
        xmlInitParser()
        xmlSetStructuredErrorFunc(nil) { _, _ in }
        xmlThrDefSetStructuredErrorFunc(nil) { _, _ in }
    }()

    /// Parses bytes (at most `Int32.max`) and appends what they complete.
    func feed(_ bytes: UnsafeRawBufferPointer, into output: inout [StreamParser.Event]) {
        guard failure == nil, !bytes.isEmpty else { return }
        guard let context else {
            failure = ParseError(.noMemory, "no memory for a parser", offset: fed)
            return
        }
        fed += bytes.count
        let code = xmlParseChunk(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 0)
        if failure == nil, context.pointee.wellFormed == 0 || context.pointee.disableSAX != 0 { fail(Int(code)) }
        if failure == nil { renewIfNeeded() }
        output.append(contentsOf: events)
        events.removeAll(keepingCapacity: true)
    }

    /// How many bytes libxml2 has read.
    private var position: Int {
        guard let context else { return base }
        return base + max(0, Int(xmlByteConsumed(context)))
    }

    // MARK: libxml2's calls

    fileprivate func start(
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

    fileprivate func characters(_ bytes: UnsafeRawBufferPointer) {
        do throws(ParseError) {
            try builder.characters(bytes)
        } catch {
            stop(error)
        }
    }

    fileprivate func end() {
        do throws(ParseError) {
            switch try builder.end() {
            case .inner: return
            case .stanza(let element):
                closed = frame == 0
                events.append(.stanza(element))
            case .root:
                closed = true
                events.append(.closed)
            }
        } catch {
            stop(error)
        }
    }

    fileprivate func restricted(_ what: String) {
        stop(ParseError(.restricted, what))
    }

    /// An error that libxml2 reports. Many (an unbound prefix among them) are not fatal to it; to us they are.
    fileprivate func report(_ code: Int, isWarning: Bool) {
        // A namespace name that is no URI, or a relative one: unwise, but servers pass it on, so a stranger could end our streams with it.
        let ignored = [XML_WAR_NS_URI, XML_WAR_NS_URI_RELATIVE, XML_WAR_NS_COLUMN].map { Int($0.rawValue) }
        guard !isWarning, !ignored.contains(code) else { return }
        fail(code)
    }

    // MARK: refusing

    private func fail(_ code: Int) {
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

    private func stop(_ error: ParseError) {
        guard failure == nil else { return }
        failure = ParseError(error.code, error.message, offset: position)
        guard let context else { return }
        context.pointee.disableSAX = 1
        context.pointee.wellFormed = 0
        if context.pointee.errNo == Int32(XML_ERR_OK.rawValue) { context.pointee.errNo = Int32(XML_ERR_USER_STOP.rawValue) }
    }

    // MARK: pieces

    private func read(_ attributes: UnsafeBufferPointer<UnsafePointer<xmlChar>?>) throws(ParseError) -> Attributes {
        guard !attributes.isEmpty else { return Attributes() }
        var list: [(key: Name, value: String)] = []
        list.reserveCapacity(attributes.count / 5)
        for index in stride(from: 0, to: attributes.count, by: 5) {
            guard let local = attributes[index], let start = attributes[index + 3], let end = attributes[index + 4] else { continue }
            guard end - start <= limits.attributeBytes else {
                throw ParseError(.tooBig, "an attribute of more than \(limits.attributeBytes) bytes")
            }
            let value = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
            list.append((try names.name(local, attributes[index + 2]), value))
        }
        return Attributes(unchecked: list)
    }

    private func makeContext() {
        var handler = Self.handler
        context = xmlCreatePushParserCtxt(&handler, Unmanaged.passUnretained(self).toOpaque(), nil, 0, nil)
        guard let context else { return }
        // No network. Encodings are the ByteGate's matter. Without NOENT `&amp;` in an attribute arrives as `&#38;`; what that option is
        // feared for, entities that a DTD declares, can't occur.
        xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_NOENT.rawValue))
        xmlDictSetLimit(context.pointee.dict, Self.namesHardLimit + limits.stanzaBytes)
    }
}

// MARK: a fresh dictionary

extension SAXBridge {
    /// libxml2 keeps each name it has ever seen, so whoever can send stanzas could fill our memory with fresh names. At this many bytes or
    /// names the context is replaced between two stanzas…
    private static var namesSoftLimit: (bytes: Int, count: Int) { (256 * 1024, 8192) }
    /// … and this is what libxml2 itself would stop at.
    private static var namesHardLimit: Int { 8 * 1024 * 1024 }

    /// How many names the context remembers.
    var namesHeld: Int { context.map { Int(xmlDictSize($0.pointee.dict)) } ?? 0 }

    private func renewIfNeeded() {
        guard frame == 1, !closed, builder.depth == 1, let old = context, let dictionary = old.pointee.dict, let input = old.pointee.input,
            xmlDictGetUsage(dictionary) > Self.namesSoftLimit.bytes || xmlDictSize(dictionary) > Self.namesSoftLimit.count
        else { return }
        // Only where what libxml2 has not read yet begins with a `<` or with text: it keeps no other state then.
        switch old.pointee.instate {
        case XML_PARSER_CONTENT, XML_PARSER_START_TAG, XML_PARSER_END_TAG: break
        default: return
        }
        let place = position
        let rest = Array(UnsafeRawBufferPointer(start: input.pointee.cur, count: input.pointee.end - input.pointee.cur))
        guard place + rest.count == fed else { return }
        context = nil
        makeContext()
        guard let fresh = context else {
            context = old
            return
        }
        xmlFreeParserCtxt(old)
        names = NameCache(limit: limits.nameBytes)
        base = place - header.count
        isRenewing = true
        _ = header.withUnsafeBytes { xmlParseChunk(fresh, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count), 0) }
        isRenewing = false
        guard !rest.isEmpty else { return }
        _ = rest.withUnsafeBytes { xmlParseChunk(fresh, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count), 0) }
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

extension SAXBridge {
    private static var handler: xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = UInt32(XML_SAX2_MAGIC)
        handler.startElementNs = { data, local, prefix, namespace, declarationCount, declarations, attributeCount, _, attributes in
            guard let local else { return }
            SAXBridge.with(data) {
                $0.start(
                    local,
                    prefix: prefix,
                    namespace: namespace,
                    declarations: UnsafeBufferPointer(start: declarations, count: Int(declarationCount) * 2),
                    attributes: UnsafeBufferPointer(start: attributes, count: Int(attributeCount) * 5)
                )
            }
        }
        handler.endElementNs = { data, _, _, _ in SAXBridge.with(data) { $0.end() } }
        handler.characters = { data, bytes, count in
            SAXBridge.with(data) { $0.characters(UnsafeRawBufferPointer(start: bytes, count: Int(count))) }
        }
        handler.ignorableWhitespace = handler.characters
        handler.cdataBlock = handler.characters
        handler.serror = { data, error in
            guard let error else { return }
            let (code, level) = (Int(error.pointee.code), error.pointee.level)
            SAXBridge.with(data) { $0.report(code, isWarning: level == XML_ERR_WARNING) }
        }
        // The ByteGate lets none of these through; should it err, they stop here.
        handler.internalSubset = { data, _, _, _ in SAXBridge.with(data) { $0.restricted("a document type declaration") } }
        handler.comment = { data, _ in SAXBridge.with(data) { $0.restricted("a comment") } }
        handler.processingInstruction = { data, _, _ in SAXBridge.with(data) { $0.restricted("a processing instruction") } }
        return handler
    }

    private static func with(_ data: UnsafeMutableRawPointer?, _ body: (SAXBridge) -> Void) {
        guard let data else { return }
        body(Unmanaged<SAXBridge>.fromOpaque(data).takeUnretainedValue())
    }
}
