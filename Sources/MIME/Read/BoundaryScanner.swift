/// Finds the parts between the delimiter lines of one multipart (RFC 2046 § 5.1.1).
struct BoundaryScanner {
    private enum Line { case text, delimiter, close }

    private let source: [UInt8]
    private let dashed: [UInt8]
    private var lines: LineScanner
    /// Where the part begins that isn't ended yet; nil before the first delimiter and behind the last one.
    private var open: Int?
    private var isStarted = false
    private let end: Int

    init(_ source: [UInt8], _ range: Range<Int>, boundary: String) {
        self.source = source
        dashed = Array("--".utf8) + Array(boundary.utf8)
        lines = LineScanner(source, range)
        end = range.upperBound
    }

    /// The next part: header, body, without the line end that belongs to the delimiter behind it.
    /// - Throws: `malformed` if the multipart isn't closed: a mail that was cut off isn't taken for a whole one.
    mutating func next() throws(MIMEError) -> Range<Int>? {
        guard !isStarted || open != nil else { return nil }
        while let line = lines.next() {
            let kind = kind(line)
            guard kind != .text else { continue }
            isStarted = true
            let start = open
            open = kind == .delimiter ? lines.position : nil
            if let start { return start..<max(start, contentEnd(before: line.lowerBound)) }
            guard kind == .delimiter else { return nil }
        }
        throw MIMEError(.malformed, "A multipart of the mail isn't closed: the mail is cut off, or was made wrongly.")
    }

    private func kind(_ line: Range<Int>) -> Line {
        guard line.count >= dashed.count, source[line.lowerBound] == UInt8(ascii: "-"),
            source[line.lowerBound..<line.lowerBound + dashed.count].elementsEqual(dashed)
        else { return .text }
        var rest = source[(line.lowerBound + dashed.count)..<line.upperBound]
        let isClose = rest.starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")])
        if isClose { rest = rest.dropFirst(2) }
        // Only white space may follow; a longer boundary that begins alike is another one.
        guard rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return .text }
        return isClose ? .close : .delimiter
    }

    /// Where the content ends whose delimiter begins at the index: before the line end between them.
    private func contentEnd(before index: Int) -> Int {
        guard index > 0, source[index - 1] == 0x0A else { return index }
        return index > 1 && source[index - 2] == 0x0D ? index - 2 : index - 1
    }
}
