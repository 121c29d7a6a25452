import Delivery
import FoundationEssentials
import Testing
import XMPP

@testable import Oxbow

/// The programs that people start from: the one that is shipped, and those of docs/exec-protocol.md.
@Suite(.timeLimit(.minutes(1))) struct ShippedProgramsTests {
    private static let root = #filePath.split(separator: "/Tests/OxbowTests/").first.map(String.init) ?? ""

    @Test("The Python and shell examples of the document do what it says", arguments: ["python", "sh"])
    func examples(language: String) async throws {
        let text = try String(contentsOfFile: Self.root + "/docs/exec-protocol.md", encoding: .utf8)
        let start = try #require(text.firstRange(of: "```\(language)\n"))
        let end = try #require(text[start.upperBound...].firstRange(of: "```\n"))
        let folder = try ProgramFolder(String(text[start.upperBound..<end.lowerBound]))
        let yard = try Yard([Yard.programBot(isolation: "bubblewrap")], folder: folder.path)
        try await yard.running {
            for words in ["hello", "it's \"ü\" & <b>"] {
                let number = try await yard.receive(words)
                #expect(await yard.mailbox.nextText() == "You said: " + words)
                #expect(await yard.journal.end(of: number) == .done)
            }
        }
    }

    @Test("remind says at once that it will, says it when it is time, and forgets it once it is sent")
    func remind() async throws {
        let folder = try ProgramFolder("")
        // Its time limit is for people who wait, not for a machine that runs all tests at once.
        let yaml = try String(contentsOfFile: Self.root + "/bots/remind/bot.yaml", encoding: .utf8)
            .replacing("time_limit: 10s", with: "time_limit: 2m")
        try folder.write(String(contentsOfFile: Self.root + "/bots/remind/remind.py", encoding: .utf8), to: "remind.py")
        let yard = try Yard([yaml], folder: folder.path)
        try await yard.running {
            try await yard.receive("!remind 1h later")
            #expect(await yard.mailbox.nextText() == "1: in 1h.")
            try await yard.receive("!remind 1s tea now")
            // On a loaded machine the second may be over before the answer has come out.
            let both = [await yard.mailbox.next(), await yard.mailbox.next()]
            #expect(Set(both.map(\.text)) == ["2: in 1s.", "Reminder: tea now"])
            #expect(both.allSatisfy { $0.to == Address("alice@localhost") })
            var pending: String? = "tea now"
            while pending?.contains("tea now") == true {
                try await yard.receive("!remind")
                pending = await yard.mailbox.nextText()
            }
            try await yard.receive("!remind forget 1", from: "bob@localhost/x")
            #expect(await yard.mailbox.nextText()?.hasPrefix("Like this") == true)
        }
        // Killed; a new process knows what is pending, and that the other one is sent.
        let again = try Yard([yaml], folder: folder.path)
        try await again.running {
            try await again.receive("!remind")
            let pending = try #require(await again.mailbox.nextText())
            #expect(pending.hasPrefix("1: ") && pending.hasSuffix(" later") && !pending.contains("\n"))
            try await again.receive("!remind forget 1")
            #expect(await again.mailbox.nextText() == "Forgotten.")
            try await again.receive("!remind")
            #expect(await again.mailbox.nextText() == "Nothing is pending.")
        }
    }
}
