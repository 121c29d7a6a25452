import Testing
import XML

/// Reads one element out of a literal in a test.
func xml(_ text: String) throws -> Element {
    try Document.parse(Array(text.utf8))
}

/// Reads an element that would stand on a stream of the client namespace.
func stanza(_ text: String) throws -> Element {
    let wrapped = try xml("<s xmlns='jabber:client'>\(text)</s>")
    return try #require(wrapped.elements.first)
}
