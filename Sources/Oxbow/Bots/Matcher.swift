import CPCRE2

/// A regular expression of `match:`: PCRE2 syntax, matched against an element's text within limits, so that no message can hold a
/// core (R18). Characters and classes are Unicode's.
public final class Matcher: Sendable {
    /// What came of trying.
    public enum Verdict: Hashable, Sendable {
        /// The pattern occurs in the text.
        case matches
        /// It doesn't.
        case differs
        /// A limit was hit: nobody knows. The text is to be refused.
        case limit
    }

    /// Why a pattern can't be used.
    public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
        /// PCRE2's words.
        public var message: String
        /// The byte in the pattern that they are about, from 0.
        public var offset: Int
        /// The words and the place.
        public var description: String { "\(message) (at byte \(offset) of the pattern)" }
    }

    /// How much of a text is looked at, in bytes (R18); the rest is cut off at a character.
    public static let textLimit = 4096
    /// Calls of PCRE2's matching function for one text: some 10 ms.
    private static let matchLimit: UInt32 = 200_000
    /// Nested ones, and KiB for them.
    private static let depthLimit: UInt32 = 20_000
    private static let heapLimit: UInt32 = 8192

    /// The pattern.
    public let pattern: String
    // The C object never changes after it is made and PCRE2 allows matching from several threads, so sharing the address is safe.
    private nonisolated(unsafe) let regex: OpaquePointer

    /// Compiles a pattern.
    public init(_ pattern: String) throws(PatternError) {
        var code: Int32 = 0
        var offset = 0
        let bytes = Array(pattern.utf8)
        let regex = bytes.withUnsafeBufferPointer { oxbow_regex_compile($0.baseAddress, $0.count, &code, &offset) }
        guard let regex else { throw PatternError(message: Self.message(code), offset: offset) }
        self.pattern = pattern
        self.regex = regex
    }

    deinit { oxbow_regex_free(regex) }

    /// Whether the pattern occurs in the first ``textLimit`` bytes of a text.
    public func verdict(on text: String) -> Verdict {
        let bytes = Self.cut(text)
        let result = bytes.withUnsafeBufferPointer {
            oxbow_regex_match(regex, $0.baseAddress, $0.count, Self.matchLimit, Self.depthLimit, Self.heapLimit)
        }
        switch Int(result) {
        case OXBOW_REGEX_MATCH: return .matches
        case OXBOW_REGEX_NONE: return .differs
        default: return .limit
        }
    }

    /// The first bytes of a text, without a torn last character.
    private static func cut(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8.prefix(textLimit))
        guard text.utf8.count > textLimit else { return bytes }
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
        return bytes
    }

    private static func message(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        oxbow_regex_message(code, &buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
