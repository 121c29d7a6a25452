public import Subprocess
import SystemPackage

/// What a program that has ended left behind.
public struct Finished: Sendable {
    /// Its exit status; of one that a signal ended, 128 and the signal's number.
    public var status: Int32
    /// What it wrote to its standard output.
    public var output: [UInt8]
    /// What it wrote to its standard error.
    public var errors: String
}

/// Runs a program of PATH to its end without blocking a thread, with all its input given at once; at most 64 MiB of output and 1 MiB of
/// errors.
///
/// swift-subprocess and not Foundation's `Process`: that looks which descriptors are open and then starts the child, which inherits what
/// another thread has opened in between. GPGME's pipes are such descriptors, and a child that lives on with one of them lets GPGME wait for
/// the end of a `gpg` that has long gone.
@discardableResult
public func run(_ program: String, _ arguments: [String], input: [UInt8] = [], environment: [Environment.Key: String?] = [:]) async throws
    -> Finished
{
    let result = try await Subprocess.run(
        program.hasPrefix("/") ? .path(.init(program)) : .name(program),
        arguments: Arguments(arguments),
        environment: .inherit.updating(["LANG": "C.UTF-8"]).updating(environment),
        input: .array(input),
        output: .bytes(limit: 1 << 26),
        error: .string(limit: 1 << 20)
    )
    let status: Int32 =
        switch result.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    return Finished(status: status, output: result.standardOutput, errors: result.standardError)
}
