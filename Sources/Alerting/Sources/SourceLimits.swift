/// What a source takes at most. What is longer is cut with "…" and what is more is counted; only what can't be read at all is refused.
public struct SourceLimits: Sendable, Hashable {
    /// The whole body, in bytes; more is refused.
    public var body = 1 << 20
    /// How deep arrays and objects may nest in JSON; deeper is refused.
    public var depth = 32
    /// How many values JSON may have in all; more is refused.
    public var nodes = 200_000
    /// How many alerts one message keeps; the rest is counted in ``Intake/truncated``.
    public var alerts = 100
    /// How many labels, annotations or values an alert keeps, in the order of their names.
    public var labels = 64
    /// The name of a label, in Unicode scalars.
    public var name = 128
    /// The value of a label or annotation, in Unicode scalars.
    public var value = 1024
    /// A title, in Unicode scalars.
    public var title = 250
    /// A text of several lines, in Unicode scalars.
    public var text = 4000
    /// A link, in bytes; a longer one is left out, since half a link leads nowhere.
    public var link = 2048
    /// How many rows a list keeps, such as commits of a push.
    public var rows = 10

    /// The limits as documented.
    public init() {}
}
