import Foundation
import Logging
import Oxbow

/// A log handler that writes one line an event: text for people and journals, or JSON.
struct LogLines: LogHandler {
    /// The least severe level that is written.
    var logLevel: Logger.Level = .info
    /// What every event carries.
    var metadata: Logger.Metadata = [:]
    /// What every event is given besides.
    var metadataProvider: Logger.MetadataProvider?
    private let format: Settings.LogFormat
    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - format: Text or JSON.
    ///   - now: The clock.
    ///   - write: Takes a line without its line break.
    init(format: Settings.LogFormat, now: @escaping @Sendable () -> Date = { Date() }, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        self.now = now
        self.write = write
    }

    /// A piece of what every event carries.
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event.
    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let pairs = all.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        let time = now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch format {
        case .text: write(text(time, event, pairs))
        case .json: write(json(time, event, pairs))
        }
    }

    private func text(_ time: String, _ event: LogEvent, _ pairs: [(String, String)]) -> String {
        let values = pairs.map { " \($0.0)=\(quote($0.1))" }.joined()
        return "\(time) \(event.level) \(Self.oneLine("\(event.message)"))\(values)"
    }

    private func json(_ time: String, _ event: LogEvent, _ pairs: [(String, String)]) -> String {
        struct Line: Encodable {
            var time: String
            var level: String
            var message: String
            var metadata: [String: String]
        }
        let line = Line(
            time: time,
            level: event.level.rawValue,
            message: "\(event.message)",
            metadata: Dictionary(pairs) { $1 }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// A value that has spaces or quotes is quoted.
    private func quote(_ value: String) -> String {
        let line = Self.oneLine(value)
        guard line.isEmpty || line.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return line }
        return "\"" + line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Line breaks and control characters would let a peer's words write lines of their own, or speak to a terminal.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }
}
