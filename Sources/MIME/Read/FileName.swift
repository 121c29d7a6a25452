/// File names from strangers.
enum FileName {
    /// The name without folders, control and invisible characters (which turn `gpj.exe` around, for example), leading dots and a leading
    /// hyphen, at most 200 bytes; nil if nothing is left.
    static func harmless(_ name: String) -> String? {
        // Scalars, not characters: a slash with an accent on it is still a slash to a file system.
        guard let last = name.unicodeScalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last else { return nil }
        var scalars = String.UnicodeScalarView()
        for scalar in last {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: continue
            case .spaceSeparator: scalars.append(" ")
            default:
                // A replacement character says only that it was unreadable; look-alikes of slashes are made plain.
                scalars.append(["\u{2044}", "\u{2215}", "\u{29F8}", "\u{FF0F}", "\u{FF3C}", "\u{FFFD}"].contains(scalar) ? "_" : scalar)
            }
        }
        var view = Substring(String(scalars))
        while let first = view.unicodeScalars.first, first == " " || first == "." { view = Substring(view.unicodeScalars.dropFirst()) }
        while let final = view.unicodeScalars.last, final == " " || final == "." { view = Substring(view.unicodeScalars.dropLast()) }
        if view.unicodeScalars.first == "-" { view = "_" + Substring(view.unicodeScalars.dropFirst()) }
        return view.isEmpty ? nil : shortened(String(view))
    }

    /// At most 200 bytes; a short extension is kept.
    private static func shortened(_ name: String) -> String {
        let most = 200
        guard name.utf8.count > most else { return name }
        var ending = ""
        if let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 16 { ending = String(name[dot...]) }
        var stem = String.UnicodeScalarView()
        var room = most - ending.utf8.count
        for scalar in name.unicodeScalars {
            room -= UTF8.width(scalar)
            guard room >= 0 else { break }
            stem.append(scalar)
        }
        return String(stem) + ending
    }
}
