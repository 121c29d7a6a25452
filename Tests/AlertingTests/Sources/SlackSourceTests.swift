import Alerting
import Testing

@Suite struct SlackSourceTests {
    @Test func texts() throws {
        #expect(try message("slack", intake("slack", sample: "text")) == "Backup of db-1 (https://db.example.org) is done & checked")
        #expect(try message("slack", intake("slack", sample: "form")) == "Deployed v1.4\nby Ben")
        #expect(try intake("slack", sample: "text").groupKey == "slack:ops")
        #expect(try intake("slack", #"{"text": "x"}"#, query: ["group": "backup"]).groupKey == "slack:backup")
    }

    @Test func blocksStandForTheText() throws {
        #expect(
            try message("slack", intake("slack", sample: "blocks")) == """
                Deployment finished
                *web* is at `v1.4`, see run 31 (https://ci.example.org/31)
                *Took*
                3m
                *By*
                @U012AB3CD
                logo CI
                https://ci.example.org/31
                """
        )
    }

    @Test func richText() throws {
        let body =
            #"{"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "see "}, {"type": "link", "url": "https://a.example", "text": "this"}, {"type": "emoji", "name": "tada"}]}, {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]}]}]}"#
        #expect(try message("slack", intake("slack", body)) == "see this (https://a.example):tada:\n- one")
    }

    @Test func attachments() throws {
        let made = try intake("slack", sample: "attachments")
        #expect(made.severity == .error)
        #expect(
            try message("slack", made)
                == "error: Disk of db-1 is full\n98 % of 200 GB\nMount: /var\nFree: 4 GB\nhttps://graphs.example.org/db-1"
        )
        #expect(try message("slack", intake("slack", #"{"attachments": [{"fallback": "only this", "color": "ff0000"}]}"#)) == "only this")
    }

    @Test func refused() {
        #expect(refusal("slack", "{}")?.code == .shape)
        #expect(refusal("slack", #"{"text": "  \u0007 "}"#)?.code == .shape)
        #expect(refusal("slack", #"{"text": {"a": 1}}"#)?.path == "text")
        #expect(refusal("slack", #"{"blocks": [{"type": "section", "text": 7}]}"#)?.path == "blocks[0].text")
    }

    @Test func aMillionBlocks() throws {
        let blocks = Array(repeating: #"{"type":"divider"}"#, count: 40_000).joined(separator: ",")
        #expect(try intake("slack", #"{"text": "t", "blocks": [\#(blocks)]}"#).title == "t")
    }
}
