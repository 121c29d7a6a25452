/// The description of what is served, for those who write clients.
enum OpenAPIDocument {
    /// The document.
    static let yaml = "openapi: 3.1.0\n"
}
