import Testing

@testable import OxbowCommand

@Suite struct ProcessEnvironmentTests {
    @Test("what a library needs stays", arguments: ["PATH", "HOME", "LC_ALL", "TZ", "XDG_RUNTIME_DIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE"])
    func kept(_ name: String) { #expect(ProcessEnvironment.isKept(name)) }

    @Test(
        "secrets, and everything else, are not handed on to gpg",
        arguments: ["BOT_PASSWORD", "OXBOW_CONFIG", "PASSPHRASE", "GNUPGHOME", "path"]
    )
    func removed(_ name: String) { #expect(!ProcessEnvironment.isKept(name)) }
}
