import Foundation

/// Looks for words where nobody but the two ends of a conversation may have them.
enum Leaks {
    /// The files in folders that contain words: as they are, in base64 at any place, or in hexadecimal.
    static func files(with words: String, in folders: [String]) async throws -> String {
        let patterns = forms(of: words).flatMap { ["-e", $0] }
        // Sockets and devices can't be read, and files may vanish meanwhile: neither is a finding.
        let found = try await Leash.run(["grep", "-r", "-l", "-a", "-s", "-F", "-D", "skip"] + patterns + folders, within: .seconds(120))
        return found.out
    }

    /// Whether a text contains words, in any of these forms.
    static func contains(_ words: String, _ text: String) -> Bool { forms(of: words).contains { text.contains($0) } }

    private static func forms(of words: String) -> [String] {
        let bytes = Array(words.utf8)
        let encoded = (0..<3).map { offset in
            // What stands before and behind changes the first and the last digits.
            let text = Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString()
            return String(text.prefix((offset + bytes.count) * 8 / 6).dropFirst(offset == 0 ? 0 : offset + 1))
        }
        let hexadecimal = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return [words] + encoded + [hexadecimal, hexadecimal.uppercased()]
    }
}
