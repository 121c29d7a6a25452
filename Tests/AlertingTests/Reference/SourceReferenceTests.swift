import Alerting
import Foundation
import Testing

@Suite struct SourceReferenceTests {
    /// docs/alerting.md says what the code does. With OXBOW_WRITE_DOCS=1 the test writes that part anew.
    @Test func theDocumentIsUpToDate() throws {
        let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let file = tests.appending(path: "../../../docs/alerting.md").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.firstRange(of: SourceReference.begin + "\n"))
        let end = try #require(text.firstRange(of: SourceReference.end))
        let made = try SourceReference.markdown()
        guard text[begin.upperBound..<end.lowerBound] != made else { return }
        if ProcessInfo.processInfo.environment["OXBOW_WRITE_DOCS"] == "1" {
            try (text[..<begin.upperBound] + made + text[end.lowerBound...]).write(to: file, atomically: true, encoding: .utf8)
        } else {
            let pairs = zip(text[begin.upperBound..<end.lowerBound].split(separator: "\n"), made.split(separator: "\n"))
            let first = pairs.first { $0 != $1 }
            Issue.record(
                "docs/alerting.md differs, first: '\(first?.0 ?? "")' should be '\(first?.1 ?? "")'; write it anew with OXBOW_WRITE_DOCS=1"
            )
        }
    }
}
