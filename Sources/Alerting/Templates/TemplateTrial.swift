public import Foundation

/// What `oxbow template try` does: a sample through a source and a template.
public enum TemplateTrial {
    /// What became of a sample.
    public enum Outcome: Sendable, Hashable {
        /// This message.
        case message(String)
        /// No message, for this reason.
        case nothing(String)
        /// The source refused it.
        case refused(SourceError)
    }

    /// When the samples came: their times are a few minutes before.
    public static let sampleTime = Date(timeIntervalSince1970: 1_795_284_840)

    /// Tries one request.
    ///
    /// - Parameters:
    ///   - template: the template's text; `nil` for the source's own.
    ///   - file: the template's file, for errors.
    ///   - now: the time that durations are counted to.
    /// - Throws: what is wrong with the template.
    public static func run(
        _ sample: SourceSample,
        source: any AlertSource,
        template: String? = nil,
        file: String = "template",
        route: String = "example",
        at now: Date = sampleTime,
        zone: TimeZone = .gmt
    ) throws(TemplateErrors) -> Outcome {
        let checked: AlertTemplate
        if let template {
            checked = try AlertTemplate(template, file: file, source: source)
        } else {
            checked = try AlertTemplate(standardFor: source)
        }
        let request = SourceRequest(
            body: Array(sample.body.utf8),
            contentType: sample.contentType,
            headers: sample.headers,
            query: sample.query,
            received: now
        )
        do throws(SourceError) {
            switch try source.read(request) {
            case .intake(let intake): return .message(checked.render(intake, route: route, at: now, zone: zone))
            case .nothing(let reason): return .nothing(reason)
            }
        } catch {
            return .refused(error)
        }
    }
}
