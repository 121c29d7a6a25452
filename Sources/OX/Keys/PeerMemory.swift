import OpenPGP
import XMPP

/// What a directory remembers about peers between readings, besides the pins. In memory only: losing it costs a few requests.
struct PeerMemory: Sendable {
    /// How the last reading of the list ended.
    enum Outcome: Hashable, Sendable {
        /// The list was read.
        case read
        /// There is no list that we may read (T12), or nobody answers; the text says why.
        case unreadable(String)
        /// Something of ours failed, which says nothing about the peer.
        case interrupted(String)
    }

    /// The dates of list entries whose keys are in the keyring in that form.
    var dates: [Fingerprint: String] = [:]
    /// What was wrong with announced keys.
    var problems: [Fingerprint: String] = [:]
    /// How the last reading ended, and when that was.
    var outcome: Outcome?
    var attempted: Int64?
    /// How many readings have ended: who finds it changed after waiting need not read again.
    var readings = 0
    /// A notice has come since the last reading began.
    var isDirty = false
    /// The list is being read now: what it will say isn't known yet.
    var isReading = false
    /// When the list was last read because of a notice, or of an unknown signer.
    var noticed: Int64?
    var unknownSigner: Int64?
    /// What the operator has been told and need not hear again.
    var toldNoneLeft = false
    var toldUnreadable = false
    /// When this memory was last used.
    var used: Int64 = 0
}

/// ``PeerMemory`` of a bounded number of peers.
struct PeerMemories: Sendable {
    private var memories: [Address: PeerMemory] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// The memory of a peer; an empty one for a peer that isn't known.
    subscript(peer: Address) -> PeerMemory {
        get { memories[peer] ?? PeerMemory() }
        set {
            if memories[peer] == nil, memories.count >= limit, let oldest = memories.min(by: { $0.value.used < $1.value.used }) {
                memories[oldest.key] = nil
            }
            memories[peer] = newValue
        }
    }
}
