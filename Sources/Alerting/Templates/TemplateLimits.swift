/// What a template may be, and write.
public struct TemplateLimits: Sendable, Hashable {
    /// The template's own length, in bytes.
    public var template = 16_384
    /// How deep sections may nest.
    public var depth = 8
    /// What a message has at most, in Unicode scalars; longer ones are cut at a line's end, and say so.
    public var message = 6000
    /// What one rendering may write before it is cut, in bytes.
    var work = 262_144

    /// The limits as documented.
    public init() {}
}
