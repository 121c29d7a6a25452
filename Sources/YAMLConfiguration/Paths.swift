/// A path made absolute and tidy: `~` is put in, a relative one starts at the folder of `file`. `nil` if `~` stands for nothing.
public func resolve(path: String, from file: String, home: String?) -> String? {
    var path = path
    if path == "~" || path.hasPrefix("~/") {
        guard let home, home.hasPrefix("/") else { return nil }
        path = home + path.dropFirst()
    }
    if !path.hasPrefix("/") {
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        path = folder + path
    }
    if !path.hasPrefix("/") { path = workingDirectory() + "/" + path }
    return tidy(path)
}

/// An absolute path without `.`, `..` and doubled slashes. Links are not followed.
func tidy(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." { if part == ".." { _ = parts.popLast() } else { parts.append(part) } }
    return "/" + parts.joined(separator: "/")
}
