import Foundation
import Oxbow

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What Linux says of this process, under the names that every Prometheus client has for it.
enum ProcessMetrics {
    /// The samples; what can't be read is left out.
    static func samples() -> [Gauge] {
        var samples: [Gauge] = []
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        if let sizes = read("/proc/self/statm")?.split(separator: " "), sizes.count > 1, let whole = Double(sizes[0]),
            let here = Double(sizes[1])
        {
            samples.append(Gauge("process_virtual_memory_bytes", [:], whole * page))
            samples.append(Gauge("process_resident_memory_bytes", [:], here * page))
        }
        // The second field is the program's name, in parentheses; it may have spaces and parentheses itself.
        if let status = read("/proc/self/stat"), let end = status.lastIndex(of: ")") {
            let fields = status[end...].split(separator: " ")
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            if fields.count > 20, let user = Double(fields[12]), let system = Double(fields[13]), let start = Double(fields[20]), ticks > 0
            {
                samples.append(Gauge("process_cpu_seconds_total", [:], (user + system) / ticks))
                if let boot = bootTime { samples.append(Gauge("process_start_time_seconds", [:], boot + start / ticks)) }
            }
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // One of them is this list itself.
            samples.append(Gauge("process_open_fds", [:], Double(max(0, open.count - 1))))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            samples.append(Gauge("process_max_fds", [:], Double(limit.rlim_cur)))
        }
        return samples
    }

    /// When the machine was started, in seconds since 1970. Read once: the kernel's answer follows the clock, and a start doesn't.
    private static let bootTime: Double? = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        .flatMap { Double($0.dropFirst("btime ".count)) }

    private static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
