import Testing

@testable import XML

/// The searches by words give what looking at each byte gives.
@Suite struct ByteSearchTests {
    @Test func agreeWithTheSimpleWay() {
        var random = Generator(seed: 1)
        let letters: [UInt8] = Array("<>'\"#&=a /\u{7F}".utf8) + [0x3D, 0x3F, 0x21, 0x80, 0xBC, 0xBE, 0xA2, 0xA7, 0x01, 0xFF]
        for _ in 0..<2000 {
            let count = Int.random(in: 0...70, using: &random)
            let sparse = Bool.random(using: &random)
            let bytes = (0..<count).map { _ in
                sparse && Int.random(in: 0..<20, using: &random) > 0 ? 0x61 : letters.randomElement(using: &random) ?? 0
            }
            let start = Int.random(in: 0...count, using: &random)
            let end = Int.random(in: start...count, using: &random)
            func first(_ wanted: Set<UInt8>) -> Int { bytes[start..<end].firstIndex { wanted.contains($0) } ?? end }
            bytes.withUnsafeBytes { raw in
                #expect(raw.find(0x3C, from: start, to: end) == first([0x3C]))
                #expect(raw.findShort(0x3E, from: start, to: end) == first([0x3E]))
                #expect(raw.findQuote(0x22, from: start, to: end) == first([0x22, 0x3C]))
                #expect(raw.findQuote(0x27, from: start, to: end) == first([0x27, 0x3C]))
                #expect(raw.findDelimiter(from: start, to: end) == first([0x22, 0x27, 0x3C, 0x3E]))
            }
        }
    }

    @Test func validUTF8IsWhatTheStandardLibrarySays() {
        var random = Generator(seed: 2)
        let pieces: [[UInt8]] = [
            Array("plain ascii text that fills some words ".utf8), Array("\u{E9}".utf8), Array("\u{20AC}".utf8), Array("\u{1F402}".utf8),
            [0x80],
            [0xC2], [0xE0, 0x9F], [0xED, 0xA0, 0x80], [0xF0, 0x8F], [0xF4, 0x90], [0xFF], [0x61],
        ]
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let weights = Int.random(in: 0..<10, using: &random)
                bytes += weights < 9 ? pieces[weights % 4] : pieces.randomElement(using: &random) ?? []
            }
            var check = UTF8Check()
            var valid = 0
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 1...40, using: &random)))
                rest = rest.dropFirst(piece.count)
                let count = piece.withUnsafeBytes { check.validPrefix($0) }
                valid += count
                if count < piece.count { break }
            }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            if isValid {
                #expect(valid == bytes.count)
            } else if valid == bytes.count {
                // Cut off in the middle of a character: one to three more bytes make it whole.
                #expect(
                    (1...3).contains { String(validating: bytes + Array(repeating: 0xA0, count: $0), as: UTF8.self) != nil }
                        || (1...3).contains { String(validating: bytes + Array(repeating: 0x80, count: $0), as: UTF8.self) != nil }
                )
            } else {
                #expect(String(validating: bytes[...valid], as: UTF8.self) == nil)
            }
        }
    }

    @Test func cachedValuesAreTheValues() {
        var random = Generator(seed: 3)
        let cache = ValueCache()
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...80, using: &random)
            let value =
                String(repeating: ["a", "b", "\u{E9}"][Int.random(in: 0..<3, using: &random)], count: count)
                + "\(Int.random(in: 0..<9, using: &random))"
            let text = count.isMultiple(of: 3) ? value : String(value.dropLast())
            let found = Array(text.utf8).withUnsafeBufferPointer { cache.string($0) }
            #expect(Array(found.utf8) == Array(text.utf8))
        }
        // Equal to the eye of Swift's `==`, not on the wire.
        for text in ["e\u{301}", "\u{E9}", "e\u{301}"] {
            #expect(Array(Array(text.utf8).withUnsafeBufferPointer { cache.string($0) }.utf8) == Array(text.utf8))
        }
    }
}

/// The same numbers in each run (SplitMix64).
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value &>> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value &>> 31)
    }
}
