/// A handler that is a program (R18), as a `bot.yaml` entry describes it.
public struct ProgramDefinition: Hashable, Sendable {
    /// What stands between the program and the rest of the machine.
    public enum Isolation: String, Sendable, CaseIterable {
        /// Namespaces of its own: it sees `/usr`, its folder and its home, nothing else.
        case bubblewrap
        /// A user of its own (`user:`); only root can give it.
        case user
        /// Nothing: it may read what we may read.
        case none
    }

    /// The program and its arguments. The program's path is absolute where the file names a path, else a name to be found in ``path``.
    public var command: [String]
    /// The bot's folder: the working directory.
    public var folder: String
    /// `HOME`: a folder that belongs to the program, the only one that it can write to under bubblewrap. Made when missing.
    public var home: String
    /// What isolates it.
    public var isolation: Isolation
    /// The name or number of the user that it runs as, if it isn't ours.
    public var user: String?
    /// Further environment variables.
    public var environment: [String: String]
    /// Further paths that it may read under bubblewrap.
    public var readable: [String]
    /// Whether it has a network under bubblewrap.
    public var network: Bool
    /// The most address space of one process, in bytes; 0 for no limit.
    public var memory: Int
    /// The most processes and threads; 0 for no limit.
    public var processes: Int
    /// The longest pause before a program that has died is started again.
    public var restart: Duration

    /// Where a program that is named without a slash is looked for; the `PATH` that it gets.
    public static let path = ["/usr/local/bin", "/usr/bin", "/bin"]

    /// Makes a definition.
    public init(
        command: [String],
        folder: String,
        home: String,
        isolation: Isolation = .bubblewrap,
        user: String? = nil,
        environment: [String: String] = [:],
        readable: [String] = [],
        network: Bool = false,
        memory: Int = 1 << 30,
        processes: Int = 64,
        restart: Duration = .seconds(300)
    ) {
        self.command = command
        self.folder = folder
        self.home = home
        self.isolation = isolation
        self.user = user
        self.environment = environment
        self.readable = readable
        self.network = network
        self.memory = memory
        self.processes = processes
        self.restart = restart
    }
}
