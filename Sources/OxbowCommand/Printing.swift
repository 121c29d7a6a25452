import Foundation
import Logging
import Oxbow
import YAMLConfiguration

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

    /// The logger of commands that end soon: the one line that they end with says what went wrong, so the log is for those who ask for it.
    func quietLogger(_ settings: Settings) -> Logger {
        var logger = logger(settings)
        if logger.logLevel > .debug { logger.logLevel = .error }
        return logger
    }

    /// Says what is dangerous about an account that is about to be used.
    func warn(about account: AccountSettings, in settings: Settings) {
        for warning in settings.problems(of: account, environment: environment).warnings { console.print(error: "warning: \(warning)") }
    }
}

extension Duration {
    /// Seconds with their fraction.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
