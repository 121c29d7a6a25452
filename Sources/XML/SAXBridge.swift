import CLibXML2

/// A libxml2 push parser and the receiver of its calls.
final class SAXBridge {
    private let limits: ParserLimits
    private let receiver: UnsafeMutablePointer<SAXReceiver>
    /// Bytes given to libxml2.
    private var fed = 0

    /// - Parameter frame: 1 for a stream, whose root is handed out as header and end; 0 for a document.
    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        receiver = .allocate(capacity: 1)
        receiver.initialize(to: SAXReceiver(limits: limits, frame: frame))
        Self.prepareLibrary
        receiver.pointee.context = makeContext()
    }

    deinit {
        if let context = receiver.pointee.context { xmlFreeParserCtxt(context) }
        receiver.deinitialize(count: 1)
        receiver.deallocate()
    }

    /// Once in a process, before any thread uses libxml2. The later lines keep what has no parser to report to (such as a lack of memory in a
    /// table) off stderr.
    private static let prepareLibrary: Void = {
        xmlInitParser()
        xmlSetStructuredErrorFunc(nil) { _, _ in }
        xmlThrDefSetStructuredErrorFunc(nil) { _, _ in }
    }()

    /// Why nothing more can come.
    var failure: ParseError? { receiver.pointee.failure }

    /// How many names libxml2 remembers.
    var namesHeld: Int { receiver.pointee.context.map { Int(xmlDictSize($0.pointee.dict)) } ?? 0 }

    /// Parses bytes (at most `Int32.max`) and appends what they complete.
    func feed(_ bytes: UnsafeRawBufferPointer, into output: inout [StreamParser.Event]) {
        guard failure == nil, !bytes.isEmpty else { return }
        guard let context = receiver.pointee.context else { return receiver.pointee.fail(Int(XML_ERR_NO_MEMORY.rawValue)) }
        fed += bytes.count
        let code = xmlParseChunk(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 0)
        if failure == nil, context.pointee.wellFormed == 0 || context.pointee.disableSAX != 0 { receiver.pointee.fail(Int(code)) }
        if failure == nil { renewIfNeeded(context) }
        if output.isEmpty {
            // The caller's empty array comes back to be filled next, with the room that it has.
            swap(&output, &receiver.pointee.events)
        } else {
            output.append(contentsOf: receiver.pointee.events)
            receiver.pointee.events.removeAll(keepingCapacity: true)
        }
    }

    private func makeContext() -> xmlParserCtxtPtr? {
        var handler = SAXReceiver.handler
        guard let context = xmlCreatePushParserCtxt(&handler, receiver, nil, 0, nil) else { return nil }
        // No network. Encodings are the ByteGate's matter. Without NOENT `&amp;` in an attribute arrives as `&#38;`; what that option is
        // feared for, entities that a DTD declares, can't occur.
        xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_NOENT.rawValue))
        xmlDictSetLimit(context.pointee.dict, Self.namesHardLimit + limits.stanzaBytes)
        return context
    }
}

// MARK: a fresh dictionary

extension SAXBridge {
    /// libxml2 keeps each name it has ever seen, so whoever can send stanzas could fill our memory with fresh names. At this many bytes or
    /// names the context is replaced between two stanzas…
    private static var namesSoftLimit: (bytes: Int, count: Int) { (256 * 1024, 8192) }
    /// … and this is what libxml2 itself would stop at.
    private static var namesHardLimit: Int { 8 * 1024 * 1024 }

    private func renewIfNeeded(_ old: xmlParserCtxtPtr) {
        guard receiver.pointee.isBetweenStanzas, let dictionary = old.pointee.dict, let input = old.pointee.input,
            xmlDictGetUsage(dictionary) > Self.namesSoftLimit.bytes || xmlDictSize(dictionary) > Self.namesSoftLimit.count
        else { return }
        // Only where what libxml2 has not read yet begins with a `<` or with text: it keeps no other state then.
        switch old.pointee.instate {
        case XML_PARSER_CONTENT, XML_PARSER_START_TAG, XML_PARSER_END_TAG: break
        default: return
        }
        let place = receiver.pointee.position
        let rest = Array(UnsafeRawBufferPointer(start: input.pointee.cur, count: input.pointee.end - input.pointee.cur))
        guard place + rest.count == fed, let fresh = makeContext() else { return }
        xmlFreeParserCtxt(old)
        let header = receiver.pointee.header
        receiver.pointee.context = fresh
        receiver.pointee.base = place - header.count
        receiver.pointee.forgetNames()
        receiver.pointee.isRenewing = true
        header.withUnsafeBytes { parse($0, fresh) }
        receiver.pointee.isRenewing = false
        rest.withUnsafeBytes { parse($0, fresh) }
    }

    private func parse(_ bytes: UnsafeRawBufferPointer, _ context: xmlParserCtxtPtr) {
        guard !bytes.isEmpty else { return }
        _ = xmlParseChunk(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 0)
    }
}
