public import OpenPGP
public import XML
import XMPP

/// `<public-keys-list/>`: the keys that an address announces (XEP-0373 § 4.2).
public struct PublicKeysList: Hashable, Sendable {
    /// One usable entry of the list.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public var fingerprint: Fingerprint
        /// The fingerprint as the list spells it: some publishers name their data node in lower case (T9).
        public var spelling: String
        /// The entry's date as it stands there; it changes when the key does. Missing or odd ones are tolerated (T9).
        public var date: String?
    }

    /// Everything in the list as it stands there, also what we can't read: other devices' entries are kept verbatim (P5).
    private var children: [Element]

    /// The item id under which lists are published (P5).
    static let itemID = "current"
    /// More entries than these are not looked at.
    static let entryLimit = 256

    /// Makes an empty list.
    public init() { children = [] }

    /// Reads a list; `nil` if the element is none.
    public init?(_ element: Element) {
        guard element.is("public-keys-list", Namespace.openPGP) else { return nil }
        children = element.elements
    }

    /// The entries that name a version 4 fingerprint, in the list's order, without repetitions; other entries are skipped (T9).
    public var entries: [Entry] {
        var entries: [Entry] = []
        var known: [Fingerprint: Int] = [:]
        for child in children.prefix(Self.entryLimit) {
            guard let entry = Self.entry(child) else { continue }
            if let index = known[entry.fingerprint] {
                // XEP-0373 § 4.2 forbids it; the newer one counts.
                if Self.seconds(entry) > Self.seconds(entries[index]) { entries[index] = entry }
                continue
            }
            known[entry.fingerprint] = entries.count
            entries.append(entry)
        }
        return entries
    }

    /// When the list's newest entry is dated; `nil` if none can be read.
    var newest: Int64? { entries.compactMap { $0.date.flatMap(DateTime.seconds) }.max() }

    /// The list with our own key in it, and everything else verbatim (P5).
    ///
    /// - Parameters:
    ///   - fingerprint: Our key; written in upper case.
    ///   - now: The date for the entry if it is new, or if `touched`.
    ///   - touched: Whether the key's bytes have changed: its date must then change too, or Smack never fetches it again.
    /// - Returns: The list to publish, or `nil` if it says so already.
    func announcing(_ fingerprint: Fingerprint, now: Int64, touched: Bool) -> PublicKeysList? {
        let own = children.filter { Self.entry($0)?.fingerprint == fingerprint }
        let isRight =
            own.count == 1
            && own.allSatisfy { element in
                element["v4-fingerprint"] == fingerprint.hex && element["date"].flatMap(DateTime.seconds) != nil
            }
        if isRight && !touched { return nil }
        var list = self
        list.children.removeAll { Self.entry($0)?.fingerprint == fingerprint }
        let date = DateTime.text(now)
        list.children.append(Element("pubkey-metadata", Namespace.openPGP, ["v4-fingerprint": fingerprint.hex, "date": date]))
        return list
    }

    /// The list as it is published.
    public var element: Element { Element("public-keys-list", Namespace.openPGP, [:], children) }

    private static func entry(_ element: Element) -> Entry? {
        guard element.is("pubkey-metadata", Namespace.openPGP), let spelling = element["v4-fingerprint"],
            let fingerprint = Fingerprint(spelling)
        else { return nil }
        return Entry(fingerprint: fingerprint, spelling: spelling, date: element["date"])
    }

    private static func seconds(_ entry: Entry) -> Int64 { entry.date.flatMap(DateTime.seconds) ?? .min }
}
