import Testing

@testable import Alerting

@Suite struct EncodedWordTests {
    @Test(arguments: [
        ("plain", "plain"), ("=?UTF-8?B?w6k=?=", "é"), ("=?utf-8?q?caf=C3=A9_noir?=", "café noir"), ("a =?UTF-8?B?w6k=?= b", "a é b"),
        ("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé"), ("=?ISO-8859-1?Q?=E9?=", "=?ISO-8859-1?Q?=E9?="),
        ("=?UTF-8?B?!!!?=", "=?UTF-8?B?!!!?="),
        ("=?UTF-8?B?/w==?=", "=?UTF-8?B?/w==?="), ("=?UTF-8?Q?=ZZ?=", "=?UTF-8?Q?=ZZ?="), ("=?=?=?", "=?=?=?"),
        ("=?UTF-8?Q?100%?=", "100%"),
    ])
    func decoded(_ text: String, _ expected: String) {
        #expect(EncodedWord.decoded(text) == expected)
    }
}
