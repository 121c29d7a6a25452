import Crypto
import MIME

/// How a `<thread/>` stands in a mail's References, and back (R21). Pure: the same thread always gives the same id.
enum MailThread {
    /// The Message-ID that stands for a thread: the thread itself if it is one, which it is when it came from a mail; else one that is
    /// derived from it.
    static func messageID(for thread: String, domain: String) -> String {
        if isMessageID(thread) { return thread }
        let digits = Array("0123456789abcdef".utf8)
        let hash = SHA256.hash(data: Array(thread.utf8)).prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "thread-\(String(decoding: hash, as: UTF8.self))@\(domain)"
    }

    /// The thread of a mail: the first mail of its References, else what it answers, else itself.
    static func thread(of header: MailHeader) -> String? {
        header.references.first ?? header.inReplyTo.first ?? header.messageID
    }

    private static func isMessageID(_ text: String) -> Bool {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        return text.utf8.count <= 250 && MessageID.isValid(text) && halves.count == 2 && halves.allSatisfy { !$0.isEmpty }
    }
}
