import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The first start: nobody has written a configuration yet, so an example is put where it belongs.
struct FirstStart {
    /// Where the configuration may be, in the order in which it is looked for. Empty if there is one.
    let places: [String]

    /// Looks for a configuration as `Settings.locate` does.
    ///
    /// - Parameters:
    ///   - option: What `--config` says.
    ///   - environment: `OXBOW_CONFIG` and `HOME`.
    ///   - folder: Where `config.yaml` is looked for first.
    init(option: String?, environment: [String: String], folder: String = FileManager.default.currentDirectoryPath) {
        if let named = option ?? environment["OXBOW_CONFIG"].flatMap({ $0.isEmpty ? nil : $0 }) {
            places = Self.exists(named) ? [] : [named]
            return
        }
        // Nobody keeps files at the root; who starts there, such as a service, didn't choose it.
        var places = folder == "/" ? [] : [folder + "/config.yaml"]
        if let home = environment["HOME"], home.hasPrefix("/") { places.append(home + "/.config/oxbow/config.yaml") }
        places.append("/etc/oxbow/config.yaml")
        let isThere = places.contains(where: Self.exists) || Self.exists(folder + "/config.yaml")
        self.places = isThere ? [] : places
    }

    /// Writes the example to the first place whose folder is there and lets us. Never over something: what lies there, a broken link too, stays.
    ///
    /// - Returns: The file; `nil` if no place would have it.
    func write() -> String? { places.first { Self.write(ExampleConfiguration.text, to: $0) } }

    /// What to say when it was written to a file.
    static func words(_ file: String) -> [String] {
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        return [
            "oxbow: there is no configuration, so an example was written: \(file)",
            "oxbow: fill in the lines that say EDIT, put the account's password into \(folder)password (mode 0600), see what "
                + "`oxbow check --config \(file)` says, and start again",
        ]
    }

    /// Whether anything is there, or may be: what can't be looked at isn't missing.
    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }

    private static func write(_ text: String, to path: String) -> Bool {
        // People put passwords into it: nobody else may read it, from the beginning.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
            return true
        } catch {
            // Half an example is none. It is ours: it was made here.
            close(descriptor)
            unlink(path)
            return false
        }
    }
}
