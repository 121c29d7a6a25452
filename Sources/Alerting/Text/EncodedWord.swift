import Foundation

/// RFC 2047 in header values, as clients send what isn't ASCII: `=?UTF-8?B?w6k=?=`.
enum EncodedWord {
    /// The value with its encoded words in UTF-8 decoded; others stay as they are.
    static func decoded(_ value: String) -> String {
        guard value.contains("=?"), value.utf8.count <= 8192 else { return value }
        var (output, rest) = ("", Substring(value))
        while let start = rest.range(of: "=?") {
            let parts = rest[start.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].first == "=", let text = word(parts[0], parts[1], parts[2]) else {
                output += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                continue
            }
            let before = rest[..<start.lowerBound]
            // Space between two encoded words isn't part of the text.
            output += output.isEmpty || !before.allSatisfy(\.isWhitespace) ? String(before) : ""
            output += text
            rest = parts[3].dropFirst()
        }
        return output + rest
    }

    private static func word(_ charset: Substring, _ coding: Substring, _ text: Substring) -> String? {
        guard ["utf-8", "us-ascii"].contains(charset.lowercased()) else { return nil }
        switch coding {
        case "B", "b":
            return Data(base64Encoded: String(text)).flatMap { String(validating: $0, as: UTF8.self) }
        case "Q", "q":
            let form = text.replacing("_", with: " ")
            return form.replacing("%", with: "%25").replacing("=", with: "%").removingPercentEncoding
        default:
            return nil
        }
    }
}
