import XMPP

func jid(_ text: String) -> Address {
    guard let address = Address(text) else { fatalError("\(text) is no JID") }
    return address
}
