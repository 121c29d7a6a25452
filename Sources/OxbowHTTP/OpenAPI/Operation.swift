import HTTPTypes

/// What one endpoint is asked for, how, and what it answers: the source of the OpenAPI document.
struct Operation: Sendable {
    /// What a body holds.
    enum Content: Hashable, Sendable {
        /// JSON of one of ``OpenAPISchemas``.
        case json(String)
        /// Something else, by its media type.
        case text(String)
    }

    /// A status and what comes with it.
    struct Reply: Hashable, Sendable {
        var status: Int
        var summary: String
        var contents: [Content]

        init(_ status: Int, _ summary: String, _ contents: Content...) {
            self.status = status
            self.summary = summary
            self.contents = contents.isEmpty ? [.json("Refusal")] : contents
        }
    }

    var id: String
    var summary: String
    var description: String
    /// The kinds of proof that open it, as `securitySchemes` names them; none for everybody.
    var security: [String] = []
    /// Whether it answers without a proof as well.
    var isOpen = false
    /// Whether `Idempotency-Key` counts.
    var takesKey = false
    /// Whether it takes a query.
    var takesQuery = false
    /// What a request's body holds.
    var body: Content?
    var replies: [Reply]

    /// The operation of an endpoint. Each of its methods has the same.
    init(_ endpoint: Endpoint) {
        let unauthorized = Reply(401, "No credential, or none that is known. The same whether there is what was asked for or not.")
        let forbidden = Reply(403, "The credential is good and may not do this; or a browser sent it for another site's page.")
        let unavailable = Reply(503, "Not now: repeat it after Retry-After.")
        switch endpoint {
        case .hook, .hookWithToken:
            id = endpoint == .hook ? "giveAlert" : "giveAlertByPathToken"
            summary = "Gives an alert to a route"
            description =
                "The body is what the route's source reads. An answer of the 200 class comes once what follows from it is on disk. "
                + (endpoint == .hook
                    ? "A signature is read in X-Hub-Signature-256, X-Signature-256 or X-Grafana-Alerting-Signature."
                    : "For senders that can do nothing better than a token in the path.")
            security = endpoint == .hook ? ["bearer", "basic", "signature", "gitlab"] : []
            isOpen = endpoint == .hookWithToken
            takesKey = true
            takesQuery = true
            body = .text("*/*")
            replies = [
                Reply(200, "Accepted; nobody needs to be told.", .json("HookAnswer")),
                Reply(202, "Accepted; somebody is told.", .json("HookAnswer")),
                Reply(400, "The path, a header or the body can't be read."), unauthorized, forbidden, Reply(404, "There is no such route."),
                Reply(413, "The body is larger than http.body_limit."), Reply(415, "The source doesn't read this content type or coding."),
                Reply(422, "The body is JSON of another shape than the source reads."), unavailable,
            ]
        case .send:
            id = "send"
            summary = "Sends a message"
            description =
                "Each recipient gets a message of their own, encrypted for them alone. With Idempotency-Key a repeat is the same message. "
                + "When not all are on disk: 503 with a key, since repeating does no harm; without one 207 if some are, and 503 if none is."
            security = ["bearer", "basic"]
            takesKey = true
            body = .json("Message")
            replies = [
                Reply(202, "All messages are on disk and tried until their end.", .json("SendAnswer")),
                Reply(207, "Some are on disk and some aren't.", .json("SendAnswer")),
                Reply(400, "The body isn't JSON, or a header can't be read."),
                unauthorized, forbidden, Reply(413, "The body is larger than http.body_limit."),
                Reply(415, "The content type isn't application/json."), Reply(422, "A recipient, the account or the text can't be taken."),
                Reply(503, "Not now: repeat it after Retry-After.", .json("SendAnswer"), .json("Refusal")),
            ]
        case .message:
            id = "message"
            summary = "How far a message got"
            description = "By the id that the answer to /api/send gave it."
            security = ["bearer", "basic"]
            replies = [
                Reply(200, "The message, without its content.", .json("MessageState")), unauthorized, forbidden,
                Reply(404, "No outbox has it, or no longer."), Reply(503, "The store can't be asked now: repeat it after Retry-After."),
            ]
        case .openAPI:
            id = "description"
            summary = "This document"
            description = "What is served, for those who write clients."
            isOpen = true
            replies = [Reply(200, "The document.", .text("application/yaml"))]
        case .live:
            id = "live"
            summary = "Whether the process does its work"
            description = "Served on the listeners for metrics too."
            isOpen = true
            replies = [Reply(200, "Its store answers.", .text("text/plain")), unavailable]
        case .ready:
            id = "ready"
            summary = "Whether every account is online"
            description = "One word for everybody; which accounts there are for a credential that may see the status."
            security = ["bearer", "basic"]
            isOpen = true
            replies = [
                Reply(200, "All are.", .text("text/plain"), .json("Readiness")), unauthorized, forbidden,
                Reply(503, "Not all are.", .text("text/plain"), .json("Readiness"), .json("Refusal")),
            ]
        case .readyAccount:
            id = "readyAccount"
            summary = "Whether an account is online"
            description = "By its JID."
            security = ["bearer", "basic"]
            replies = [
                Reply(200, "It is.", .json("AccountReadiness")), unauthorized, forbidden, Reply(404, "There is no such account."),
                Reply(503, "It isn't.", .json("AccountReadiness"), .json("Refusal")),
            ]
        case .status:
            id = "status"
            summary = "The status page, for people"
            description = "Accounts, bots, last events, queue."
            security = ["basic", "bearer"]
            replies = [Reply(200, "The page.", .text("text/html")), unauthorized, forbidden]
        case .metrics:
            id = "metrics"
            summary = "Metrics, for Prometheus"
            description = "On listeners of their own. Without a credential where only this machine reaches them."
            security = ["bearer", "basic"]
            isOpen = true
            replies = [Reply(200, "The metrics.", .text("text/plain")), unauthorized, forbidden]
        }
        if !replies.contains(where: { $0.status == 400 }) { replies.append(Reply(400, "The path or a header can't be read.")) }
        replies.append(Reply(405, "Another method; Allow has those that there are."))
        replies.sort { $0.status < $1.status }
    }
}
