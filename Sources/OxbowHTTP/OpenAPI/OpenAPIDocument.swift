import HTTPTypes

/// The description of what is served (OpenAPI 3.1), for those who write clients. It is made of the router's own table; `docs/openapi.yaml` is the same.
enum OpenAPIDocument {
    /// The document.
    static let yaml: String = document.yaml

    private static var document: DocumentNode {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Oxbow", "version": "1",
                "description":
                    "Alerts in, encrypted messages out. Errors are JSON: a stable word and what to do about it. Nothing is cached, nothing is compressed.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "http://127.0.0.1:8480", "description": "Where it listens unless http.listen says otherwise."]],
            "paths": .map(Endpoint.allCases.map { (key: $0.rawValue, value: path($0)) }),
            "components": ["schemas": OpenAPISchemas.document, "securitySchemes": security],
        ]
    }

    private static let security: DocumentNode = [
        "bearer": ["type": "http", "scheme": "bearer", "description": "A credential's token."],
        "basic": [
            "type": "http", "scheme": "basic", "description": "A user and a password; or a token as the password, with an empty user.",
        ],
        "signature": [
            "type": "apiKey", "in": "header", "name": "X-Hub-Signature-256",
            "description": "sha256= and the HMAC-SHA256 of the body in hexadecimal digits.",
        ],
        "gitlab": ["type": "apiKey", "in": "header", "name": "X-Gitlab-Token", "description": "The secret token of GitLab's webhooks."],
    ]

    private static func path(_ endpoint: Endpoint) -> DocumentNode {
        let operation = Operation(endpoint)
        var pairs: [(key: String, value: DocumentNode)] = []
        let parameters = endpoint.rawValue.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        if !parameters.isEmpty {
            pairs.append(
                (
                    key: "parameters",
                    value: .list(
                        parameters.map {
                            ["name": .text($0), "in": "path", "required": true, "schema": ["type": "string"]] as DocumentNode
                        }
                    )
                )
            )
        }
        for method in endpoint.methods { pairs.append((key: method.rawValue.lowercased(), value: self.operation(operation, method))) }
        return .map(pairs)
    }

    private static func operation(_ operation: Operation, _ method: HTTPRequest.Method) -> DocumentNode {
        var pairs: [(key: String, value: DocumentNode)] = [
            (key: "operationId", value: .text(operation.id + (method == .put ? "ByPUT" : ""))),
            (key: "summary", value: .text(operation.summary)), (key: "description", value: .text(operation.description)),
        ]
        let schemes = operation.security.map { DocumentNode.map([(key: $0, value: [])]) } + (operation.isOpen ? [.map([])] : [])
        pairs.append((key: "security", value: .list(schemes)))
        var parameters: [DocumentNode] = []
        if operation.takesKey {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "What stays the same when this request is repeated: 1 to 255 visible ASCII characters.",
                "schema": ["type": "string", "minLength": 1, "maxLength": .number(IdempotencyKey.limit)],
            ])
        }
        if operation.takesQuery {
            parameters.append([
                "name": "query", "in": "query", "required": false, "style": "form", "explode": true,
                "description": "What the source reads of a query, such as title, group and status of text.",
                "schema": ["type": "object", "additionalProperties": ["type": "string"]],
            ])
        }
        if !parameters.isEmpty { pairs.append((key: "parameters", value: .list(parameters))) }
        if let body = operation.body { pairs.append((key: "requestBody", value: ["required": true, "content": content([body])])) }
        pairs.append(
            (
                key: "responses",
                value: .map(
                    operation.replies.map {
                        (key: "\($0.status)", value: ["description": .text($0.summary), "content": content($0.contents)])
                    }
                )
            )
        )
        return .map(pairs)
    }

    private static func content(_ contents: [Operation.Content]) -> DocumentNode {
        var types: [(key: String, value: DocumentNode)] = []
        let schemas = contents.compactMap { if case .json(let name) = $0 { name } else { nil } }
        let references = schemas.map { DocumentNode.map([(key: "$ref", value: .text("#/components/schemas/" + $0))]) }
        if let first = references.first {
            types.append((key: "application/json", value: ["schema": references.count == 1 ? first : ["oneOf": .list(references)]]))
        }
        for case .text(let type) in contents { types.append((key: type, value: type == "*/*" ? .map([]) : ["schema": ["type": "string"]])) }
        return .map(types)
    }
}
