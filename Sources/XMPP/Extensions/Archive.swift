public import XML

/// Where in an archive reading goes on.
public enum ArchivePosition: Hashable, Sendable {
    /// Behind the message with this archive id; from the time on, in seconds since 1970, if the archive no longer knows it (R6).
    case after(id: String, fallback: Int64)
    /// From a time on, in seconds since 1970. What the archive has of that second comes, too.
    case since(Int64)
}

/// What came of reading an archive.
public struct ArchiveOutcome: Hashable, Sendable {
    /// The archive id of the newest message that was seen, ours among them; `nil` if there was none. The place to go on from next time,
    /// if ``isStable``.
    public var last: String?
    /// Whether the archive was read to its end.
    public var isComplete: Bool
    /// Whether the server vouches for the order of what it sent (XEP-0313 § 5.2, `stable`). If not, the next reading should begin again
    /// where this one did.
    public var isStable: Bool
    /// Whether the place to go on from was no longer known, and a time was used in its stead.
    public var fellBack: Bool
    /// How many messages were passed on.
    public var messages: Int
}

/// The message archive's requests and answers (XEP-0313, XEP-0441).
public enum Archive {
    /// The feature of an account that has an archive, in the account's own disco (XEP-0313 § 7).
    public static let feature = Namespace.archive

    /// Asks for the account's preferences (XEP-0441 § 2).
    public static let preferences = Request(.get, Element("prefs", Namespace.archive))

    /// Has everything archived from now on, but for what the account's owner excepted (R6); `nil` if it is so already, or if the answer to
    /// ``preferences`` can't be read.
    public static func archiveAll(given answer: Element?) -> Request? {
        guard let answer, answer.is("prefs", Namespace.archive), answer["default"] != "always" else { return nil }
        // What isn't said again is forgotten.
        let lists = answer.elements.filter { $0.is("always", Namespace.archive) || $0.is("never", Namespace.archive) }
        return Request(.set, Element("prefs", Namespace.archive, ["default": "always"], lists))
    }

    /// Asks for a page of the account's archive.
    static func query(id: String, from position: ArchivePosition, max: Int) -> Request {
        var children: [Element] = []
        switch position {
        case .after(let after, _): children = [ResultSet.element(max: max, after: after)]
        case .since(let time):
            let form = DataForm("submit", type: Namespace.archive, [DataForm.Field("start", [DateTime.text(time)])])
            children = [form.element, ResultSet.element(max: max, after: nil)]
        }
        return Request(.set, Element("query", Namespace.archive, ["queryid": id], children))
    }
}
