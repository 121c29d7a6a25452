/// A place in a configuration file.
public struct Position: Hashable, Sendable, CustomStringConvertible {
    /// The file as the operator named it.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in Unicode scalars, from 1.
    public var column: Int

    /// Makes a position.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `FILE:LINE:COLUMN`, which editors can jump to.
    public var description: String { "\(file):\(line):\(column)" }
}
