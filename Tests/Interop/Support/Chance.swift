import Foundation

/// Randomness that can be had again: the seed stands in the environment as `OXBOW_SEED`, else it is new. Tests name it when they fail.
struct Chance: RandomNumberGenerator, Sendable {
    let seed: UInt64
    private var state: UInt64

    init() {
        seed = ProcessInfo.processInfo.environment["OXBOW_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...(.max))
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// A number of a range.
    mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
