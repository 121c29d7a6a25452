import Configuration
import Foundation
import Logging
import Oxbow

/// A fingerprint in groups of four digits, as gpg prints it.
func readable(_ fingerprint: String) -> String {
    var text = ""
    for (index, digit) in fingerprint.enumerated() {
        if index > 0, index.isMultiple(of: 4) { text += index == 20 ? "  " : " " }
        text.append(digit)
    }
    return text
}

/// A time in UTC.
func time(_ seconds: Int64) -> String { Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601) }

extension Tool {
    /// Prints a value as JSON.
    func print(json value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return }
        console.print(String(decoding: data, as: UTF8.self))
    }

    /// The logger of commands that end soon: their result says what went wrong, so only warnings besides, or what the file asks for.
    func quietLogger(_ settings: Settings) -> Logger {
        var logger = logger(settings)
        if logger.logLevel == .info || logger.logLevel == .notice { logger.logLevel = .warning }
        return logger
    }
}

extension Duration {
    /// Seconds with their fraction.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
