import XML

/// XML content and streams: whatever comes, an answer and no crash, and what was accepted reads the same after it is written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let element = try? Document.parse(bytes) {
        let written = Array(element.serialized().utf8)
        if let again = try? Document.parse(written) {
            guard again == element else { fatalError("an element changes when it is written") }
        }
    }
    // The same bytes as a stream, in pieces of a size that the bytes themselves choose.
    let piece = max(1, Int(bytes.first ?? 1))
    let parser = StreamParser()
    for start in stride(from: 0, to: bytes.count, by: piece) {
        guard (try? parser.feed(bytes[start..<min(start + piece, bytes.count)])) != nil else { break }
    }
    return 0
}
