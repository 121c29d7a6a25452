import Alerting
import Foundation
import Testing

@Suite struct IntakeTests {
    @Test func whatIsWrittenDownComesBack() throws {
        for source in SourceRegistry().sources {
            for sample in source.samples {
                let request = SourceRequest(
                    body: Array(sample.body.utf8),
                    contentType: sample.contentType,
                    headers: sample.headers,
                    query: sample.query,
                    received: sampleTime
                )
                guard case .intake(let made) = try source.read(request) else { continue }
                #expect(try JSONDecoder().decode(Intake.self, from: JSONEncoder().encode(made)) == made)
            }
        }
    }

    @Test(arguments: [
        ("critical", Severity.critical), ("PAGE", .critical), ("P2", .error), ("Warning", .warning), ("info", .info), ("purple", .unstated),
        ("", .unstated),
    ])
    func severities(_ word: String, _ severity: Severity) {
        #expect(Severity(word: word) == severity)
    }

    @Test func theHighestOfWhatFiresCounts() throws {
        #expect(try intake("alertmanager", sample: "grouped").severity == .critical)
        var made = try intake("alertmanager", sample: "grouped")
        made.alerts.removeAll { $0.severity == .critical }
        #expect(made.severity == .warning)
        #expect(Severity.allCases.sorted() == [.unstated, .info, .warning, .error, .critical])
    }
}
