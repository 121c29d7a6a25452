import XMPP

/// The mark that a relay leaves on what it has carried: a thread of its own making, inside the encryption on both sides.
///
/// It says how many relays the conversation has gone through, and to which end of which account it was sent. It reads as a Message-ID, so
/// that a gateway's References keep it as it is (R21).
struct RelayThread: Hashable {
    /// How many relays it has gone through; at least 1.
    var hops: Int
    /// The account and the end that it was made for.
    var leg: String
    /// The conversation.
    var id: String
    /// The domain of the account that made it.
    var domain: String

    /// Marks a conversation.
    init(hops: Int, leg: String, conversation: String, domain: String) {
        self.hops = hops
        self.leg = leg
        id = Self.digest(leg + "\n" + conversation)
        self.domain = domain
    }

    /// Reads a thread; `nil` if no relay has made it.
    init?(_ text: String) {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[1].isEmpty else { return nil }
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.word, parts[1].utf8.count <= 4, let hops = Int(parts[1]), hops >= 1,
            parts[2...].allSatisfy({ $0.utf8.count == 16 && $0.utf8.allSatisfy(Self.isHex) })
        else { return nil }
        self.hops = hops
        leg = String(parts[2])
        id = String(parts[3])
        domain = String(halves[1])
    }

    /// The thread.
    var text: String { "\(Self.word).\(hops).\(leg).\(id)@\(domain)" }

    /// The name of a way out: from an account to an end.
    static func leg(of account: Address, to end: Address) -> String { digest("\(account.bare)\n\(end.bare)") }

    private static let word = "oxbow-relay"

    private static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// FNV-1a, as 16 digits. It has to be the same after a restart, and hides nothing: whoever makes two conversations look like one
    /// confuses only their own.
    private static func digest(_ text: String) -> String {
        let value = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
