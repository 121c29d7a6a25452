public import Foundation
import Mustache

/// A template that was checked: it names only what its source gives, and renders to plain text of a bounded length.
public struct AlertTemplate: Sendable {
    private let source: any AlertSource
    private let template: MustacheTemplate
    private let limits: TemplateLimits

    /// Checks a template's text against the names of a source.
    ///
    /// - Parameters:
    ///   - text: Mustache: `{{name}}`, `{{#section}}…{{/section}}`, `{{^inverted}}…{{/inverted}}`, `{{! comment}}`; nothing else.
    ///   - file: the file as the operator named it, for errors.
    /// - Throws: everything that is wrong, each with its line.
    public init(_ text: String, file: String, source: any AlertSource, limits: TemplateLimits = TemplateLimits()) throws(TemplateErrors) {
        let scanner = TemplateScanner(text, file: file, fields: ContextField.common + source.fields, limits: limits)
        guard scanner.errors.isEmpty else { throw TemplateErrors(scanner.errors) }
        do {
            // Without the pragma Mustache writes HTML.
            template = try MustacheTemplate(string: "{{%CONTENT_TYPE:TEXT}}" + "\n" + scanner.marked)
        } catch let error as MustacheTemplate.ParserError {
            let place = (line: max(error.context.lineNumber - 1, 1), column: error.context.columnNumber)
            throw TemplateErrors([TemplateError(file: file, line: place.line, column: place.column, "the template can't be read")])
        } catch {
            throw TemplateErrors([TemplateError(file: file, line: 1, column: 1, "the template can't be read")])
        }
        self.source = source
        self.limits = limits
    }

    /// The source's own template.
    public init(standardFor source: any AlertSource, limits: TemplateLimits = TemplateLimits()) throws(TemplateErrors) {
        try self.init(source.template, file: "standard template of \(source.name)", source: source, limits: limits)
    }

    /// The message.
    ///
    /// - Parameters:
    ///   - now: the time that durations are counted to.
    ///   - zone: the zone in which times are written.
    /// - Returns: at least the headline: a template out of which nothing comes doesn't swallow an alert.
    public func render(_ intake: Intake, route: String, at now: Date, zone: TimeZone = .gmt) -> String {
        let budget = RenderBudget(limits.work, row: max(template.description.utf8.count, 64))
        let model = ContextModel(intake: intake, source: source, route: route, now: now, zone: zone, budget: budget)
        let text = Self.tidy(template.render(model.root()))
        return Self.fit(text.isEmpty ? Headline.of(intake, at: now) : text, link: intake.link, limit: limits.message)
    }

    /// Takes the marks out, and with them the lines that came out empty; at most one empty line in a row, none at the ends.
    private static func tidy(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isMarked = line.unicodeScalars.contains(TemplateScanner.mark)
            var kept = String(String.UnicodeScalarView(line.unicodeScalars.filter { $0 != TemplateScanner.mark }))
            while let last = kept.last, last.isWhitespace { kept.removeLast() }
            if kept.isEmpty, isMarked || lines.last?.isEmpty ?? true { continue }
            lines.append(kept)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    /// Cuts at a line's end, says so, and keeps the link.
    private static func fit(_ text: String, link: String?, limit: Int) -> String {
        guard text.unicodeScalars.count > limit else { return text }
        let end = "… (cut)" + (link.map { "\n" + $0 } ?? "")
        let room = max(limit - end.unicodeScalars.count - 1, 0)
        let head = String(String.UnicodeScalarView(text.unicodeScalars.prefix(room)))
        let lineEnd = head.lastIndex(of: "\n")
        // A first line that is longer than everything is cut within.
        let kept = lineEnd.map { head[..<$0] } ?? Substring(ChatText.line(head, limit: room))
        return kept + "\n" + end
    }
}

extension Intake {
    /// Where to read on: the alert's own link when there is one alert, else the sender's address.
    public var link: String? { (alerts.count == 1 ? alerts.first?.link : nil) ?? externalURL }
}
