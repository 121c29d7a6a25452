import Testing

/// Against real peers: Debian's Prosody, go-sendxmpp, Profanity, and slixmpp with plain gpg. One after the other: each test starts
/// processes of its own, and what they wait for is the machine.
@Suite(.serialized, .rig, .cleansUp)
struct Interop {}
