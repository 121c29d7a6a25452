import EchoBot
import HelpBot
import Testing
import XMPP

@testable import Oxbow

@Suite struct ShippedModulesTests {
    @Test("echo and help do what their files say")
    func echoAndHelp() async throws {
        let root = #filePath.split(separator: "/Tests/OxbowTests/").first.map(String.init) ?? ""
        let texts = try ["echo", "help"].map { name in try FileText.read("\(root)/bots/\(name)/bot.yaml") }
        let modules = SwiftModules(["echo": { _ in EchoBot() }, "help": { _ in HelpBot() }])
        let yard = try Yard(texts, modules: modules)
        try await yard.running {
            for (text, answer) in [
                ("!ping", "pong"), ("!echo a  b", "a  b"), ("!echo", "There is nothing to say."),
                ("!help", "!ping, !echo TEXT: answers pong, or TEXT\n!help: lists the commands"),
            ] {
                try await yard.receive(text)
                #expect(await yard.mailbox.nextText() == answer)
            }
        }
    }
}
