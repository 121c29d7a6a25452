import Foundation
import Testing

extension Alerting.Busy {
    /// How senders prove who they are.
    @Suite struct HookDoorTests {
        @Test(
            "Over TLS and a Unix socket; by bearer, Basic, an HMAC of the body, GitLab's header, and a token in the path where it is asked for (R30)"
        )
        func doors() async throws {
            let scene = try await AlertScene(isTLS: true)
            let ada = try await scene.reader("ada")
            let (secret, basic, path) = ("hmac-\(UUID().uuidString)", "basic-\(UUID().uuidString)", "path-\(UUID().uuidString)")
            var settings = AlertScene.Settings(people: ["ada": ada.jid])
            for (name, source) in [("notes", "text"), ("legacy", "text"), ("ci", "github"), ("lab", "gitlab")] {
                settings.routes[name] = "{source: \(source), to: ada}"
            }
            settings.credentials["github"] = "{signature: \(secret), may: [hooks/ci]}"
            settings.credentials["gitlab"] = "{signature: lab-\(secret), may: [hooks/lab]}"
            settings.credentials["grafana"] = "{user: grafana, password: \(basic), may: [hooks/notes]}"
            settings.credentials["old"] = "{path_token: \(path), may: [hooks/legacy]}"
            let daemon = try await scene.begin(settings)
            let door = Door(scene: scene, ada: ada)
            let (notes, legacy) = (scene.url("/hooks/notes"), scene.url("/hooks/legacy"))
            let (ci, lab) = (scene.url("/hooks/ci"), scene.url("/hooks/lab"))
            let bearer = "Authorization: Bearer \(scene.tokens.hooks)"
            var from = ada.peer.mark
            from = try await door.tells("by bearer", from, "-H", bearer, "-d", "by bearer", notes)
            from = try await door.tells("by basic", from, "-u", "grafana:\(basic)", "-d", "by basic", notes)
            from = try await door.tells("by path", from, "-d", "by path", "\(legacy)/\(path)")
            let socket = ["--unix-socket", scene.socket, "-H", bearer]
            from = try await door.tells("by socket", from, socket + ["-d", "by socket", "http://localhost/hooks/notes"])

            // Signed by openssl, not by us.
            let file = scene.oxbow.folder + "/body.json"
            try Folder.write(Payload.githubRun("Build 31"), to: file)
            let dated = try await Leash.run(["openssl", "dgst", "-sha256", "-hmac", secret, file])
            let code = String(dated.out.split(separator: " ").last ?? "")
            let json = ["-H", "Content-Type: application/json"]
            let run = json + ["-H", "X-GitHub-Event: workflow_run", "--data-binary", "@\(file)", ci]
            from = try await door.tells("Build 31", from, ["-H", "X-Hub-Signature-256: sha256=\(code)"] + run)
            let flipped = String(code.dropLast()) + (code.hasSuffix("0") ? "1" : "0")
            #expect(try await door.status(["-H", "X-Hub-Signature-256: sha256=\(flipped)"] + run) == "401")
            #expect(["400", "401"].contains(try await door.status(["-H", "X-Hub-Signature-256: sha256="] + run)))
            #expect(try await door.status(run) == "401")
            let pipeline = json + ["-H", "X-Gitlab-Event: Pipeline Hook", "-d", Payload.gitlabPipeline("ops/tank"), lab]
            from = try await door.tells("ops/tank", from, ["-H", "X-Gitlab-Token: lab-\(secret)"] + pipeline)
            #expect(try await door.status(["-H", "X-Gitlab-Token: lab-\(secret)x"] + pipeline) == "401")

            // Each opens its own door only.
            let closed: [([String], [String])] = [
                (["-d", "x", "\(legacy)/\(path)x"], ["401"]), (["-d", "x", legacy], ["401"]),
                (["-d", "x", "\(notes)/\(path)"], ["401", "403"]), (["-u", "grafana:\(basic)", "-d", "x", legacy], ["403"]),
                (["-u", "grafana:", "-d", "x", notes], ["401"]), (["-u", "root:\(basic)", "-d", "x", notes], ["401"]),
                (["-H", "Authorization: Bearer \(path)", "-d", "x", legacy], ["401"]),
                (["-H", "Authorization: Bearer \(secret)", "-d", "x", ci], ["401"]),
            ]
            for (arguments, codes) in closed {
                let code = try await door.status(arguments)
                #expect(codes.contains(code), "\(arguments): \(code)")
            }
            let plain = try await Leash.run(["curl", "-sS", "http://127.0.0.1:\(scene.port)/live"])
            #expect(!plain.out.contains("alive"), "nothing is served in the clear where there is TLS")
            #expect(try await ada.peer.everything(by: scene.jid, from: 0).count == 6)
            let log = daemon.leash.lines.items.map(\.text).joined(separator: "\n")
            for word in scene.tokens.all + [secret, basic, path] { #expect(!Leaks.contains(word, log), "'\(word)' is in the log") }
            #expect(try await daemon.terminate().code == 0)
        }

        private struct Door {
            let scene: AlertScene
            let ada: AlertScene.Reader

            /// What curl is answered with.
            func status(_ arguments: [String]) async throws -> String {
                let end = try await Leash.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"] + scene.curlOptions + arguments)
                return end.out + end.err
            }

            /// Sends something that is accepted and arrives. Returns where a wait for the next begins.
            func tells(_ words: String, _ from: Int, _ arguments: String...) async throws -> Int { try await tells(words, from, arguments) }

            func tells(_ words: String, _ from: Int, _ arguments: [String]) async throws -> Int {
                let code = try await status(arguments)
                guard code == "202" else { throw Trouble("\(words): \(code)") }
                return try await ada.peer.told(words, by: scene.jid, from: from).next
            }
        }
    }
}
