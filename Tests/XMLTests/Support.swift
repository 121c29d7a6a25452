import Testing
import XML

/// What comes out of a stream parser: the events, and the error's code if there was one.
struct Transcript: Equatable {
    var events: [StreamParser.Event] = []
    var error: ParseError?

    /// Feeds pieces of at most `step` bytes.
    init(_ bytes: some Collection<UInt8>, step: Int = .max, limits: ParserLimits = .stream) {
        let parser = StreamParser(limits: limits)
        var rest = Array(bytes)[...]
        while !rest.isEmpty, error == nil {
            let piece = rest.prefix(step)
            rest = rest.dropFirst(step)
            do throws(ParseError) {
                try parser.feed(piece, into: &events)
            } catch {
                self.error = error
            }
        }
    }

    /// The same result for one feed, byte by byte, and pieces of awkward sizes; their disagreement is a failure of the test.
    static func allWays(_ text: String, limits: ParserLimits = .stream, sourceLocation: SourceLocation = #_sourceLocation) -> Transcript {
        allWays(Array(text.utf8), limits: limits, sourceLocation: sourceLocation)
    }

    static func allWays(_ bytes: [UInt8], limits: ParserLimits = .stream, sourceLocation: SourceLocation = #_sourceLocation) -> Transcript {
        let whole = Transcript(bytes, limits: limits)
        for step in [1, 2, 3, 7, 64, 1021] {
            let pieces = Transcript(bytes, step: step, limits: limits)
            #expect(pieces.events == whole.events, "in pieces of \(step)", sourceLocation: sourceLocation)
            #expect(pieces.error?.code == whole.error?.code, "in pieces of \(step)", sourceLocation: sourceLocation)
        }
        return whole
    }

    var stanzas: [Element] {
        events.compactMap { if case .stanza(let element) = $0 { element } else { nil } }
    }
}

let header = """
    <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
    id='s1' from='example.org' version='1.0' xml:lang='en'>
    """

func document(_ text: String, limits: ParserLimits = .content) throws(ParseError) -> Element {
    try Document.parse(Array(text.utf8), limits: limits)
}

/// The code of the error that a document is refused with.
func refusal(_ bytes: [UInt8], limits: ParserLimits = .content) -> ParseError.Code? {
    do throws(ParseError) {
        _ = try Document.parse(bytes, limits: limits)
        return nil
    } catch {
        return error.code
    }
}

func refusal(_ text: String, limits: ParserLimits = .content) -> ParseError.Code? {
    refusal(Array(text.utf8), limits: limits)
}
