import Foundation

/// A throw-away certification authority, made with openssl.
struct TestAuthority: Sendable {
    let folder: TemporaryFolder
    var certificate: String { folder.path + "/ca.pem" }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    init(in folder: TemporaryFolder) async throws {
        self.folder = folder
        try await openssl(
            ["req", "-x509"] + Self.newKey + ["-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Oxbow test authority"]
        )
    }

    /// Makes `NAME.key` and `NAME.crt`.
    func issue(_ name: String, names: String, days: Int = 2, hash: String = "sha256") async throws {
        try await openssl(["req"] + Self.newKey + ["-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)"])
        try folder.write("subjectAltName=\(names)\n", to: "\(name).ext")
        try await openssl(
            ["x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "\(days)", "-\(hash)"]
                + ["-extfile", "\(name).ext", "-out", "\(name).crt"]
        )
    }

    /// Makes `NAME.key` and `NAME.crt` that nobody vouches for.
    func selfSign(_ name: String, names: String) async throws {
        try await openssl(
            ["req", "-x509"] + Self.newKey + ["-keyout", "\(name).key", "-out", "\(name).crt", "-days", "2"]
                + ["-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)"]
        )
    }

    private func openssl(_ arguments: [String]) async throws {
        try await Tool.run("openssl", arguments, in: folder.path)
    }
}
