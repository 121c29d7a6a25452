/// The shapes of JSON that go in and out, by name. The tests hold each against what is really sent.
enum OpenAPISchemas {
    /// A property: its name, its type, one line about it, and whether it is always there.
    struct Property: Sendable {
        var name: String
        var type: DocumentNode
        var isRequired: Bool

        init(_ name: String, _ type: String, _ summary: String, optional: Bool = false, _ more: [(key: String, value: DocumentNode)] = []) {
            self.name = name
            self.type = .map([(key: "type", value: .text(type)), (key: "description", value: .text(summary))] + more)
            isRequired = !optional
        }
    }

    /// All of them, in the order of the document.
    static let all: [(name: String, properties: [Property])] = [
        (
            "Refusal",
            [
                Property("error", "string", "A stable word, such as unauthorized or unavailable."),
                Property("message", "string", "What is wrong and what to do about it."),
            ]
        ),
        (
            "HookAnswer",
            [
                Property(
                    "outcome",
                    "string",
                    "What became of it.",
                    [(key: "enum", value: ["told", "repeated", "folded", "acknowledged", "muted", "heartbeat", "nothing"])]
                ),
                Property("conversation", "integer", "The number of the conversation that it belongs to.", optional: true),
                Property("messages", "integer", "How many messages follow from it.", optional: true),
                Property("reason", "string", "Why there was nothing to tell.", optional: true),
            ]
        ),
        (
            "Message",
            [
                Property(
                    "to",
                    "array",
                    "Whom it goes to: JIDs, or mailto:NAME via GATEWAY. One may stand alone, without a list.",
                    [
                        (key: "items", value: ["type": "string"]), (key: "minItems", value: 1),
                        (key: "maxItems", value: .number(MessageBody.recipientLimit)),
                    ]
                ),
                Property("text", "string", "What is sent, at most 128 KiB.", [(key: "minLength", value: 1)]),
                Property("from", "string", "The account that sends; needed when there are several.", optional: true),
                Property(
                    "subject",
                    "string",
                    "The subject, for recipients behind a gateway.",
                    optional: true,
                    [(key: "maxLength", value: .number(MessageBody.subjectLimit))]
                ),
            ]
        ),
        (
            "SendAnswer",
            [
                Property(
                    "messages",
                    "array",
                    "In the order of the request.",
                    [(key: "items", value: ["$ref": "#/components/schemas/SentMessage"])]
                )
            ]
        ),
        (
            "SentMessage",
            [
                Property("to", "string", "The recipient."),
                Property("state", "string", "Whether it is on disk.", [(key: "enum", value: ["accepted", "sent", "not sent", "unknown"])]),
                Property("id", "string", "For /api/messages/{id}.", optional: true),
                Property("error", "string", "Why it isn't accepted.", optional: true),
            ]
        ),
        (
            "MessageState",
            [
                Property("number", "integer", "The store's number for it."), Property("id", "string", "Its id."),
                Property("account", "string", "The account that sends."), Property("to", "string", "Who gets it."),
                Property(
                    "state",
                    "string",
                    "How far it got.",
                    [(key: "enum", value: ["accepted", "held", "handed", "sent", "delivered", "dead", "withdrawn"])]
                ),
                Property("attempts", "integer", "How often it was tried and failed."),
                Property("accepted", "integer", "When it was accepted, in seconds since 1970."),
                Property("expires", "integer", "When it is given up, in seconds since 1970."),
                Property("next", "integer", "When it is tried again, in seconds since 1970, if it waits.", optional: true),
                Property(
                    "settled",
                    "integer",
                    "When it was sent, delivered, given up or withdrawn, in seconds since 1970.",
                    optional: true
                ),
                Property("reason", "string", "The class of what went wrong last, such as no-key.", optional: true),
                Property("words", "string", "What went wrong last, in words.", optional: true),
                Property("size", "integer", "How large its sealed stanza is, in bytes.", optional: true),
            ]
        ),
        (
            "Readiness",
            [
                Property("ready", "boolean", "Whether all are online."),
                Property("accounts", "array", "All accounts.", [(key: "items", value: ["$ref": "#/components/schemas/AccountReadiness"])]),
            ]
        ),
        (
            "AccountReadiness",
            [
                Property("account", "string", "Its JID."),
                Property(
                    "state",
                    "string",
                    "Where it stands.",
                    [(key: "enum", value: ["starting", "online", "offline", "failed", "stopped"])]
                ),
                Property("reason", "string", "Why, unless it is online.", optional: true),
                Property("since", "integer", "Since when, in seconds since 1970."),
            ]
        ),
    ]

    /// As `components.schemas`.
    static var document: DocumentNode {
        .map(
            all.map { name, properties in
                let required = properties.filter(\.isRequired).map { DocumentNode.text($0.name) }
                return (
                    key: name,
                    value: [
                        "type": "object", "required": .list(required), "additionalProperties": false,
                        "properties": .map(properties.map { (key: $0.name, value: $0.type) }),
                    ]
                )
            }
        )
    }
}
