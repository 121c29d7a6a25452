import Delivery
import Foundation
import Glibc
import Testing
import XML
import XMPP

@testable import Oxbow

/// Files that come with events and go with answers, with real programs.
@Suite(.timeLimit(.minutes(1))) struct AttachmentTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private static let reader = """
        for event in events():
            files = event["attachments"]
            told = {"verified": event["verified"], "gateway": event["gateway"], "address": event["address"], "addressed": event["addressed"],
                    "automatic": event["automatic"], "subject": event["subject"], "text": open(files[0]["path"]).read()}
            try:
                open(files[0]["path"], "a")
                told["writable"] = True
            except OSError:
                told["writable"] = False
            print(files[0]["path"], file=open(os.environ["HOME"] + "/where", "w"))
            out = os.environ["HOME"] + "/report.txt"
            print(json.dumps(told, sort_keys=True), file=open(out, "w"), end="")
            say(id=event["id"], reply="done", subject="Report", done=True, attachments=[
                {"path": out, "type": "text/plain"}, {"name": "b.bin", "data": "AAEC"}])
        """

    @Test(
        "R17: a program reads what came with its event in a folder in memory, which is gone when the event is over",
        arguments: ["none", "bubblewrap"]
    )
    func files(isolation: String) async throws {
        let folder = try ProgramFolder(pythonStart + Self.reader)
        let yard = try Yard([Yard.programBot(isolation: isolation)], folder: folder.path)
        try await yard.running {
            let file = FileAttachment(name: "../../etc/passwd.txt", type: "text/plain", bytes: Array("content".utf8))
            let number = try await GatewayMail(attachments: [file]).arrive(in: yard)
            let sent = await yard.mailbox.next()
            #expect(sent.payload.first?.text == "done")
            #expect(sent.payload.dropFirst().first?.text == "Report")
            let files = sent.payload.compactMap(FileAttachment.init)
            #expect(files.map(\.name) == ["report.txt", "b.bin"])
            #expect(files.last?.bytes == [0, 1, 2])
            let told = try JSONDecoder().decode(Told.self, from: Data(files.first?.bytes ?? []))
            #expect(
                told
                    == Told(
                        verified: true,
                        gateway: "email.example.net",
                        address: "carol@example.org",
                        addressed: true,
                        automatic: false,
                        subject: "Lunch",
                        text: "content",
                        writable: isolation == "none" && geteuid() == 0
                    )
            )
            #expect(await yard.journal.end(of: number) == .done)
            let path = try folder.read("data/where").filter { !$0.isNewline }
            if isolation == "bubblewrap" {
                #expect(path.hasPrefix(AttachmentShelf.inside + "/"))
            } else {
                #expect(path.hasPrefix("/dev/shm/oxbow-") && access(path, F_OK) != 0)
            }
            #expect(path.hasSuffix("/1.txt"))
        }
    }

    private struct Told: Decodable, Equatable {
        var verified: Bool
        var gateway, address: String
        var addressed, automatic: Bool
        var subject, text: String
        var writable: Bool
    }

    @Test("files are laid out for us and the program's user only, and a crash's are swept away")
    func shelf() throws {
        let shelf = try #require(AttachmentShelf())
        try shelf.prepare()
        defer { shelf.remove() }
        let tray = try shelf.tray(
            [FileAttachment(name: "a.tar.gz", bytes: [1, 2]), FileAttachment(name: "x./../b", bytes: [])],
            owner: nil,
            isSandboxed: false
        )
        let paths = tray.files.map(\.path)
        #expect(paths.map { $0.hasSuffix("/1.gz") || $0.hasSuffix("/2") } == [true, true])
        #expect(try mode(paths[0]) == 0o400)
        let folder = String(paths[0].dropLast("/1.gz".count))
        #expect(try mode(folder) == 0o700)
        tray.clear()
        #expect(access(folder, F_OK) != 0)
        shelf.remove()
        #expect(access(shelf.path, F_OK) != 0)
    }

    @Test("an answer's files lie in the program's own folders, and no link leads out of them")
    func reading() throws {
        let folder = try ProgramFolder("")
        let home = folder.path + "/data"
        #expect(mkdir(home, 0o700) == 0 && mkdir(home + "/sub", 0o700) == 0)
        try folder.write("good", to: "data/sub/good", mode: 0o600)
        try folder.write("secret", to: "outside", mode: 0o600)
        #expect(symlink("/etc", home + "/link") == 0 && symlink("/etc/passwd", home + "/leaf") == 0)
        #expect(link(folder.path + "/outside", home + "/second") == 0)
        #expect(mkfifo(home + "/pipe", 0o600) == 0)
        let files = ProgramFiles(ProgramDefinition(command: ["x"], folder: home, home: home))
        func read(_ path: String) throws -> [FileAttachment] { try files.read([ProgramOutput.File(path: path)]) }
        #expect(try read(home + "/sub/good").map(\.bytes) == [Array("good".utf8)])
        #expect(try read("sub/good").map(\.name) == ["good"])
        #expect(try read("./sub/./good").count == 1)
        for bad in [
            "/etc/passwd", home + "/link/passwd", home + "/leaf", home + "/second", home + "/pipe", home + "/sub", home, "../outside",
            home + "/../outside", "", home + "/none", "/dev/zero",
        ] {
            #expect(throws: (any Error).self, "\(bad)") { try read(bad) }
        }
        #expect(throws: (any Error).self) { try files.read([ProgramOutput.File(data: "no base64!")]) }
    }

    @Test(
        "what attachments in a line may be",
        arguments: [
            #"{"id":"1","attachments":[{"name":"x"}]}"#, #"{"id":"1","attachments":[{"path":"a","data":"AA=="}]}"#,
            #"{"id":"1","subject":"s","done":true}"#, #"{"id":"1","reply":"a","attachments":"x"}"#,
        ]
    )
    func garbage(line: String) {
        #expect(throws: ProgramOutput.Fault.self) { try ProgramOutput(Array(line.utf8)) }
    }
}
