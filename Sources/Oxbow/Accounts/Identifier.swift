/// Ids of messages that we send: 128 random bits, so that nobody can guess one to bounce or correct.
enum Identifier {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)
        return String(decoding: (0..<26).map { _ in digits[Int(generator.next(upperBound: UInt32(32)))] }, as: UTF8.self)
    }
}
