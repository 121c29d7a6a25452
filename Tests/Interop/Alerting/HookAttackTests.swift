import Foundation
import Testing

extension Alerting.Busy {
    /// What strangers and broken programs send to the listener. None of it reaches anybody, and whoever is honest is served afterwards.
    @Suite(.standing) struct HookAttackTests {
        /// Something that must not be accepted.
        struct Attack: Sendable, CustomTestStringConvertible {
            var testDescription: String
            /// What may be answered; none lets the line be closed without a word, too.
            var statuses: Set<Int>
            /// What is sent.
            var bytes: @Sendable (StandingScene) -> [UInt8]
            /// Whether our direction is closed behind it.
            var isHalf = false

            init(
                _ name: String,
                _ statuses: Int...,
                isHalf: Bool = false,
                bytes: @escaping @Sendable (StandingScene) -> [UInt8]
            ) {
                (testDescription, self.statuses, self.isHalf, self.bytes) = (name, Set(statuses), isHalf, bytes)
            }

            /// A body for the route of an Alertmanager.
            static func body(_ name: String, _ statuses: Int..., body: @escaping @Sendable () -> String) -> Attack {
                var attack = Attack(name) { $0.request(headers: ["Content-Type: application/json"], body: body()) }
                attack.statuses = Set(statuses)
                return attack
            }

            /// A path with an honest body.
            static func path(_ path: String) -> Attack {
                Attack("path \(path.prefix(60))", 400, 401, 404, 405, 414) { $0.request(path, body: honest) }
            }
        }
        private static let honest = Payload.alertmanager("MustNotCome", [("db-1", "firing")])

        static let bodies: [Attack] = [
            .body("nothing", 400, 422) { "" },
            .body("half an object", 400) { #"{"version": "4", "alerts": ["# },
            .body("no JSON", 400) { "alerts!" },
            .body("a list", 400, 422) { "[]" },
            .body("no version", 400, 422) { #"{"alerts": []}"# },
            .body("another version", 400, 422) { honest.replacing(#""version":"4""#, with: #""version":"5""#) },
            .body("alerts are text", 400, 422) { #"{"version": "4", "status": "firing", "alerts": "none"}"# },
            .body("labels are text", 400, 422) {
                #"{"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": "x"}]}"#
            },
            .body("100,000 brackets", 400, 413) { String(repeating: "[", count: 100_000) },
            .body("a lone surrogate", 400, 422) { honest.replacing("db-1", with: #"\ud800"#) },
            .body("a key twice, then rubbish", 400, 422) { #"{"version": "4", "version": "4", "alerts": 7}"# },
            .body("a number with 5,000 digits for alerts", 400, 413, 422) {
                #"{"version": "4", "alerts": "# + String(repeating: "9", count: 5000) + "}"
            },
            Attack("bytes that are no UTF-8", 400) { scene in
                let body: [UInt8] = Array(#"{"version": "4", "alerts": ""#.utf8) + [0xc3, 0x28, 0xff] + Array(#""}"#.utf8)
                return scene.request(length: "\(body.count)") + body
            },
            Attack("compressed", 415) { $0.request(headers: ["Content-Encoding: gzip"], body: "\u{1f}\u{8b}") },
        ]

        static let sizes: [Attack] = [
            Attack("2 MiB, announced", 413) { $0.request(length: "2097152") },
            Attack("2 MiB in chunks", 413) { scene in
                let head = "POST /hooks/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(scene.scene.tokens.hooks)\r\n"
                let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
                return Array((head + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 32) + "0\r\n\r\n").utf8)
            },
            Attack("an exabyte, announced", 400, 413) { $0.request(length: "1152921504606846976") },
            Attack("more than a number, announced", 400, 413) { $0.request(length: String(repeating: "9", count: 40)) },
            Attack("a negative length", 400) { $0.request(length: "-1") },
            Attack("less than announced", 400, isHalf: true) { $0.request(body: honest, length: "\(honest.utf8.count + 10)") },
            Attack("two lengths", 400) { $0.request(headers: ["Content-Length: 7"], body: honest) },
            Attack("a length and chunks", 400) { $0.request(headers: ["Transfer-Encoding: chunked"], body: honest) },
            Attack("chunks of an unknown coding", 400, 501) { scene in
                Array(
                    "POST /hooks/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(scene.scene.tokens.hooks)\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
                        .utf8
                )
            },
            Attack("a header of 64 KiB", 400, 413, 431) {
                $0.request(headers: ["X-Long: " + String(repeating: "a", count: 65_536)], body: honest)
            },
            Attack("5,000 headers", 400, 413, 431) { $0.request(headers: (0..<5000).map { "X-\($0): a" }, body: honest) },
            Attack("a path of 64 KiB", 400, 404, 414, 431) {
                $0.request("/hooks/alerts?" + String(repeating: "a", count: 65_536), body: honest)
            },
        ]

        static let grammar: [Attack] = [
            Attack("no host", 400) { scene in
                Array(
                    "POST /hooks/alerts HTTP/1.1\r\nAuthorization: Bearer \(scene.scene.tokens.hooks)\r\nContent-Length: 2\r\n\r\n{}".utf8
                )
            },
            Attack("a NUL in a header", 400) { $0.request(headers: ["X-Nul: a\u{0}b"], body: honest) },
            Attack("a line break in a header's name", 400) { $0.request(headers: ["X-\rBreak: a"], body: honest) },
            Attack("a space before the colon", 400) { $0.request(headers: ["X-Space : a"], body: honest) },
            Attack("a version of the future", 400, 505) { scene in
                Array("POST /hooks/alerts HTTP/9.9\r\nHost: x\r\nAuthorization: Bearer \(scene.scene.tokens.hooks)\r\n\r\n".utf8)
            },
            Attack("HTTP/0.9", 400) { _ in Array("GET /hooks/alerts\r\n\r\n".utf8) },
            Attack("HTTP/2 as if it were agreed", 400, 404, 405, 505) { _ in Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) },
            Attack("a TLS greeting", 400) { _ in [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0a] },
            Attack("noise", 400) { _ in (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) } },
            Attack("line breaks only", 400) { _ in Array(String(repeating: "\r\n", count: 5000).utf8) },
            Attack("CONNECT", 400, 404, 405, 501) { $0.request("evil.example.org:443", method: "CONNECT") },
            Attack("TRACE", 400, 404, 405, 501) { $0.request(method: "TRACE") },
            Attack("GET of a hook", 405) { $0.request(method: "GET") },
            Attack("a method of 8 KiB", 400, 404, 405, 431, 501) { $0.request(method: String(repeating: "A", count: 8192)) },
        ]

        static let paths: [Attack] =
            [
                "/hooks/", "/hooks//alerts", "/hooks/alerts/", "/hooks/ALERTS", "/hooks/alerts%00", "/hooks/alerts/../alerts",
                "/hooks/%2e%2e/hooks/alerts", "/hooks/..%2fhooks%2falerts", "//hooks/alerts", "/./hooks/alerts", "/hooks/alerts;x=1",
                "/hooks/alerts%2f", "/hooks\\alerts", "/hooks/%61lerts%", "/hooks/alerts/TOKEN", "/hooks/nobody", "/../../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd", "/api/../hooks/alerts", "hooks/alerts", "*", "/hooks/%e2%80%aealerts",
            ].map(Attack.path)

        static let logins: [Attack] = [
            Attack("nobody", 401) { _ in
                Array("POST /hooks/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: \(honest.utf8.count)\r\n\r\n\(honest)".utf8)
            },
            Attack("another token", 401) { $0.request(token: "hooks-" + UUID().uuidString, body: honest) },
            Attack("a token's beginning", 401) { $0.request(token: String($0.scene.tokens.hooks.dropLast()), body: honest) },
            Attack("a token and more", 401) { $0.request(token: $0.scene.tokens.hooks + "x", body: honest) },
            Attack("no token", 401) { $0.request(token: "", body: honest) },
            Attack("a token for something else", 403) { $0.request(token: $0.scene.tokens.send, body: honest) },
            Attack("a token of 16 KiB", 401, 431) { $0.request(token: String(repeating: "a", count: 16_384), body: honest) },
            Attack("a token in the path where none is asked for", 401, 404) {
                $0.request("/hooks/alerts/\($0.scene.tokens.hooks)", body: honest)
            },
            Attack("a token in the query", 401) { scene in
                let line = "POST /hooks/alerts?token=\(scene.scene.tokens.hooks)&access_token=\(scene.scene.tokens.hooks) HTTP/1.1"
                return Array("\(line)\r\nHost: x\r\nContent-Length: \(honest.utf8.count)\r\n\r\n\(honest)".utf8)
            },
            Attack("a token in the path alone, where none is asked for", 401, 404) { scene in
                Array("POST /hooks/alerts/\(scene.scene.tokens.hooks) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}".utf8)
            },
            Attack("a signature, where nobody signs", 401) { scene in
                let signature = "X-Hub-Signature-256: sha256=" + String(repeating: "0", count: 64)
                return Array("POST /hooks/alerts HTTP/1.1\r\nHost: x\r\n\(signature)\r\nContent-Length: 2\r\n\r\n{}".utf8)
            },
            Attack("two tokens", 400, 401) {
                $0.request(headers: ["Authorization: Bearer \($0.scene.tokens.hooks)"], token: "x", body: honest)
            },
            Attack("Basic that is no base64", 400, 401) { scene in
                Array("POST /hooks/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %%%\r\nContent-Length: 0\r\n\r\n".utf8)
            },
            Attack("sending with a hook's token", 401, 403) {
                $0.request("/api/send", body: #"{"to": ["x@localhost"], "text": "MustNotCome"}"#)
            },
            Attack("the status page with a hook's token", 401, 403) { $0.request("/", method: "GET") },
        ]

        @Test("Refused, and an honest request is served afterwards", arguments: bodies + sizes + grammar + paths + logins)
        func refused(attack: Attack) async throws {
            let standing = try StandingScene.current
            let start = standing.ada.peer.mark
            let echo = try await standing.scene.web.raw(attack.bytes(standing), port: standing.scene.port, wait: 2, isHalf: attack.isHalf)
            if let status = echo.status {
                #expect(attack.statuses.contains(status), "\(echo)")
            } else {
                // What can't be read as HTTP needs no answer; but nobody waits on it.
                #expect(echo.isClosed || echo.said.isEmpty, "\(echo)")
            }
            for token in standing.scene.tokens.all { #expect(!echo.said.contains(token)) }
            try await standing.honest()
            for item in try await standing.ada.peer.everything(by: standing.scene.jid, from: start) {
                #expect(item.text.hasPrefix("honest-"), "\(item.text)")
            }
        }

        @Test("Labels with markup, braces, control characters and direction marks arrive as harmless text")
        func labels() async throws {
            let standing = try StandingScene.current
            let nasty = [
                "<script>alert(1)</script>", "</body></payload><body>", "&lt;&amp;]]>", "{{title}}{{#alerts}}", "a\nb\r\nc\td",
                "\u{0}\u{1}\u{1b}[31m",
                "\u{202e}evil\u{2066}", "\u{feff}\u{200b}x", "🏴\u{e0067}\u{e007f}", "$(reboot) `id` ; rm -rf /", "%00%0a",
                "\u{fffe}\u{ffff}",
                String(repeating: "x", count: 10_000), "../../etc/passwd", "xmpp:eve@localhost?message;body=x",
            ]
            for (number, value) in nasty.enumerated() {
                let (start, name) = (standing.ada.peer.mark, "Nasty\(number)")
                let body = Payload.alertmanager(
                    name,
                    [(value, "firing")],
                    annotations: ["summary": "\(name) \(value)", "description": value],
                    labels: ["value": value, "name\(number)<&>": "x"]
                )
                let answer = try await standing.scene.post("/hooks/alerts", body)
                #expect(200..<300 ~= answer.status, "\(value.prefix(40)): \(answer)")
                let told = try await standing.ada.peer.told(name, by: standing.scene.jid, from: start)
                let scalars = told.text.unicodeScalars
                #expect(scalars.count <= 6000 && !scalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(told.text)")
                let hidden: Set<Unicode.Scalar> = ["\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{7f}", "\u{1b}"]
                #expect(!scalars.contains(where: hidden.contains), "\(told.text)")
                // One line of the sender stays one line: nobody makes what looks like another alert's head.
                #expect(told.text.split(separator: "\n").first?.contains(name) == true, "\(told.text)")
            }
            for plain in ["<script>alert(1)</script>", "{{title}}{{#alerts}}", "$(reboot) `id` ; rm -rf /"] {
                let start = standing.ada.peer.mark
                #expect(200..<300 ~= (try await standing.scene.post("/hooks/notes", plain, type: "text/plain").status))
                _ = try await standing.ada.peer.told(plain, by: standing.scene.jid, from: start)
            }
        }

        @Test("Behind all that the process is the same, its log names no secret and no text, and it says why it refused")
        func afterwards() async throws {
            let standing = try StandingScene.current
            let words = "sekrit-\(Wire.id())"
            try await standing.honest(words)
            _ = try await standing.scene.post("/hooks/alerts", "{\"\(words)\": ", token: standing.scene.tokens.hooks)
            _ = try await standing.scene.post("/hooks/\(words)", "x")
            let log = standing.daemon.leash.lines.items.map(\.text).joined(separator: "\n")
            let metrics = try await standing.scene.metrics()
            for secret in standing.scene.tokens.all + ["MustNotCome", words] {
                #expect(!Leaks.contains(secret, metrics), "the metrics have '\(secret)'")
                #expect(!Leaks.contains(secret, log), "the log has '\(secret)'")
            }
            #expect(try await standing.daemon.status().state(standing.scene.jid) == "online")
        }
    }
}
