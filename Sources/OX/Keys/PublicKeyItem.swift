public import XML
import XMPP

/// `<pubkey/>`: one certificate as it stands in a data node (XEP-0373 § 4.1).
public struct PublicKeyItem: Hashable, Sendable {
    /// The certificate, binary. Nothing has been checked but its size.
    public var material: [UInt8]

    /// The largest certificate that is taken (S11), in bytes.
    public static let materialLimit = 64 * 1024

    /// Makes an item.
    public init(material: [UInt8]) { self.material = material }

    /// Reads an item, with the tolerances of T1 and T10: white space, missing padding, base64 of ASCII armor.
    ///
    /// Returns `nil` if the element is no `<pubkey/>` with exactly one `<data/>`, or if its content is no base64, or longer than 64 KiB.
    public init?(_ element: Element) {
        let data = element.all("data", Namespace.openPGP)
        guard element.is("pubkey", Namespace.openPGP), data.count == 1, let text = data.first?.text else { return nil }
        // Base64 of armor is a third longer twice, and wrapped; what counts is what comes out.
        guard text.utf8.count <= 2 * Self.materialLimit, let bytes = Base64.decode(tolerant: text.utf8),
            let material = Armor.removed(from: bytes),
            material.count <= Self.materialLimit
        else { return nil }
        self.material = material
    }

    /// The item as it is published: base64 without white space, never armor.
    public var element: Element {
        Element("pubkey", Namespace.openPGP, [:], [Element("data", Namespace.openPGP, text: Base64.encode(material))])
    }
}
