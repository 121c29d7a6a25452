import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a program writes to its standard output. Blocks: see ``Blocking``.
enum CommandOutput {
  /// The program's path: as given if it contains a slash, else looked up in PATH. `nil` if there is none that may be run.
  static func find(_ program: String, environment: [String: String]) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { $0 + "/" + program }.first { access($0, X_OK) == 0 }
  }

  /// Runs a program without a shell and returns what it wrote.
  static func read(_ arguments: [String], environment: [String: String], limit: Int, time: Duration)
    throws(Complaint) -> [UInt8]
  {
    guard let program = arguments.first, let path = find(program, environment: environment) else {
      throw Complaint(
        "there is no program \(arguments.first ?? "")", hint: "install it, or write its path")
    }
    throw Complaint("\(path): not yet")
  }
}
