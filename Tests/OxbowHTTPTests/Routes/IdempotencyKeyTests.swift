import Oxbow
import Testing

@testable import OxbowHTTP

@Suite("Idempotency-Key") struct IdempotencyKeyTests {
    @Test("the longest key fits what messages take, with the longest name of a credential before it")
    func fits() {
        let (name, key) = (String(repeating: "n", count: 64), String(repeating: "k", count: IdempotencyKey.limit))
        #expect((1...SendRequest.keyLimit).contains(IdempotencyKey.scoped(key, to: name).utf8.count))
        #expect(IdempotencyKey.scoped(key, to: name) != IdempotencyKey.scoped(key.dropLast() + "l", to: name))
        #expect(IdempotencyKey.scoped("backup", to: "ops") == "ops:backup")
    }
}
