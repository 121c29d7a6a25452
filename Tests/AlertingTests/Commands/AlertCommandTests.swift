import Alerting
import Testing

@Suite struct AlertCommandTests {
    private func answer(_ text: String) -> String? {
        do throws(AlertCommand.Misunderstanding) {
            _ = try AlertCommand(text)
            return nil
        } catch {
            return error.text
        }
    }

    @Test func commandsAreRead() throws {
        #expect(try AlertCommand("list") == .list)
        #expect(try AlertCommand("show 12") == .show(AlertCommand.Target(12)))
        #expect(try AlertCommand("ack 3 on my way") == .ack(AlertCommand.Target(3), note: "on my way"))
        #expect(try AlertCommand("unack 3") == .unack(AlertCommand.Target(3)))
        #expect(
            try AlertCommand("silence 12.3 1h30m new disk")
                == .silence(AlertCommand.Target(12, member: 3), seconds: 5_400, reason: "new disk")
        )
        #expect(try AlertCommand("silence 2h") == .silence(nil, seconds: 7_200, reason: ""))
        #expect(try AlertCommand("unsilence 12") == .unsilence(AlertCommand.Target(12)))
        #expect(try AlertCommand("unsilence 1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f") == .unsilenceID("1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f"))
        #expect(try AlertCommand("who") == .who)
        #expect(try AlertCommand("mute 30m") == .mute(nil, seconds: 1_800))
        #expect(try AlertCommand("mute 4 30m") == .mute(AlertCommand.Target(4), seconds: 1_800))
        #expect(try AlertCommand("unmute") == .unmute(nil))
        #expect(try AlertCommand("help") == .help)
    }

    /// People write on phones.
    @Test(arguments: [
        "Ack 12 yes", "!ack 12 yes", "/ack #12 yes", "  ACK   12  yes ", "ack: 12 yes", "> #12 FIRING\n> more\nack 12 yes",
        "acknowledge 12 yes",
    ])
    func formDoesntMatter(_ text: String) throws {
        #expect(try AlertCommand(text) == .ack(AlertCommand.Target(12), note: "yes"))
    }

    @Test func withinAThreadTheNumberIsLeftOut() throws {
        #expect(try AlertCommand("ack") == .ack(nil, note: ""))
        #expect(try AlertCommand("ack looking into it") == .ack(nil, note: "looking into it"))
        #expect(try AlertCommand("Show") == .show(nil))
    }

    @Test(arguments: [
        "", "   ", "hello", "acj 12", "show x", "show -1", "show 0", "show 99999999999999999999", "silence 12", "silence 12 forever",
        "silence 12 5",
        "silence 12 91d", "silence 12.0 2h", "silence 12.x 2h", "mute", "mute 0s", "unsilence x y", "unsilence ../../x/y/z/1234",
    ])
    func whatIsNoCommandHasAnAnswer(_ text: String) {
        let answer = answer(text)
        #expect(answer?.isEmpty == false && answer?.contains("\n") == false)
    }

    @Test func theNearestCommandIsNamed() {
        #expect(answer("acj 12")?.contains("\"ack\"") == true)
        #expect(answer("silense 12 2h")?.contains("\"silence\"") == true)
    }

    @Test func everyWordIsInTheHelp() {
        for word in AlertCommand.words where word != "help" { #expect(AlertCommand.helpText.contains(word + " ")) }
    }
}
