import Alerting
import Testing

@Suite struct AlertStatusTests {
    @Test func markersAreASCII() {
        #expect(AlertStatus.allCases.map(\.marker) == ["FIRING", "RESOLVED", "NOTE"])
    }
}
