import Alerting
import Foundation
import Testing

/// 2026-11-21 18:14 UTC.
let sampleTime = TemplateTrial.sampleTime

func source(_ name: String) throws -> any AlertSource { try #require(SourceRegistry()[name]) }

/// Reads a body; `nothing` is a failure of the test.
func intake(
    _ name: String,
    _ body: String,
    headers: [String: String] = [:],
    query: [String: String] = [:],
    contentType: String? = "application/json",
    limits: SourceLimits = SourceLimits()
) throws -> Intake {
    let reading = try read(name, body, headers: headers, query: query, contentType: contentType, limits: limits)
    guard case .intake(let intake) = reading else {
        Issue.record("nothing was made of it: \(reading)")
        throw SourceError(.shape, "nothing")
    }
    return intake
}

func read(
    _ name: String,
    _ body: String,
    headers: [String: String] = [:],
    query: [String: String] = [:],
    contentType: String? = "application/json",
    limits: SourceLimits = SourceLimits()
) throws -> SourceReading {
    let request = SourceRequest(body: Array(body.utf8), contentType: contentType, headers: headers, query: query, received: sampleTime)
    return try source(name).read(request, limits: limits)
}

/// Why a body is refused.
func refusal(_ name: String, _ body: String, headers: [String: String] = [:], contentType: String? = "application/json") -> SourceError? {
    do {
        _ = try read(name, body, headers: headers, contentType: contentType)
        return nil
    } catch {
        return error as? SourceError
    }
}

func sample(_ name: String, of source: String) throws -> SourceSample {
    try #require(SourceRegistry()[source]?.samples.first { $0.name == name })
}

/// The intake of a sample.
func intake(_ name: String, sample sampleName: String) throws -> Intake {
    let sample = try sample(sampleName, of: name)
    return try intake(name, sample.body, headers: sample.headers, query: sample.query, contentType: sample.contentType)
}

/// The message of a body with the standard template, or with this one.
func message(_ name: String, _ intake: Intake, template: String? = nil) throws -> String {
    let source = try source(name)
    let made = try template.map { try AlertTemplate($0, file: "t", source: source) } ?? AlertTemplate(standardFor: source)
    return made.render(intake, route: "ops", at: sampleTime)
}

extension String {
    /// Whether nothing in it can move a cursor, hide, turn direction, or break XML.
    var isHarmless: Bool {
        unicodeScalars.allSatisfy { scalar in
            if scalar == "\n" || scalar == "\u{200D}" || scalar == "\u{200C}" { return true }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: return false
            default: return scalar.value & 0xFFFE != 0xFFFE
            }
        }
    }
}
