import OxbowHTTP
import Testing

@Test func settings() { #expect(HTTPSettings(listeners: []).bodyLimit == 1 << 20) }
