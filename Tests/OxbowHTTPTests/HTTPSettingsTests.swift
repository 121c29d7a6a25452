import OxbowHTTP
import Testing

@Test func settings() { _ = HTTPSettings() }
