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

    /// What the answer to a mail names (RFC 5322 § 3.6.4): what the mail itself names, and the mail.
    static func references(toAnswer header: MailHeader) -> [String] {
        let earlier = header.references.isEmpty && header.inReplyTo.count == 1 ? header.inReplyTo : header.references
        return AnsweredMail.shortened(earlier.filter { $0 != header.messageID } + [header.messageID].compactMap(\.self))
    }

    /// What a mail names: its thread first, by which the other side's gateway and ours know the conversation, then what it answers.
    static func references(of thread: String?, answering ids: [String], domain: String) -> [String] {
        let ids = ids.filter(MessageID.isValid)
        guard let root = thread.map({ messageID(for: $0, domain: domain) }) else { return ids }
        return ids.contains(root) ? ids : [root] + ids
    }

    private static func isMessageID(_ text: String) -> Bool {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        return text.utf8.count <= 250 && MessageID.isValid(text) && halves.count == 2 && halves.allSatisfy { !$0.isEmpty }
    }
}
