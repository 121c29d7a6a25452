/// The text of `<rpad/>` (E5): 50 to 200 characters `[A-Za-z0-9]`, so that the length of a ciphertext tells little about its content.
public struct Padding: Sendable {
    private let make: @Sendable () -> String

    /// Makes a source of paddings; tests give a fixed one.
    public init(_ make: @escaping @Sendable () -> String) { self.make = make }

    /// Paddings from the system's cryptographic random number generator.
    public static let random = Padding {
        var generator = SystemRandomNumberGenerator()
        let length = Int.random(in: 50...200, using: &generator)
        return String(decoding: (0..<length).map { _ in alphabet[Int.random(in: 0..<62, using: &generator)] }, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    func callAsFunction() -> String { make() }
}
