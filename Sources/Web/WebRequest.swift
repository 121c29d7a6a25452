/// One HTTP or HTTPS request.
struct WebRequest: Sendable {}
