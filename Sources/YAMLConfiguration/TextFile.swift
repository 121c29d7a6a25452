/// Text files that a configuration names.
public enum TextFile {
    /// Reads a regular file of UTF-8 text. Blocks for the time of reading.
    ///
    /// - Throws: what is wrong with it, with its path.
    public static func read(_ path: String, limit: Int) throws(Complaint) -> String {
        let bytes = try SystemFile.read(path, limit: limit).bytes
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Complaint("\(path) is not UTF-8 text") }
        return text
    }

    /// The same, on a thread that may block.
    @concurrent public static func load(_ path: String, limit: Int) async throws(Complaint) -> String {
        try await Blocking.run { () throws(Complaint) in try read(path, limit: limit) }
    }
}
