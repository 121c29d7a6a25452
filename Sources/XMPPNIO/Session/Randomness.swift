/// Random values of the system's cryptographic source.
enum Randomness {
    /// That many random bytes.
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// A random number.
    static func number() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// An id that nobody can guess: 128 bits in hexadecimal.
    static func identifier() -> String {
        bytes(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
