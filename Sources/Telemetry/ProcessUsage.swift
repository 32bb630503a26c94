import Glibc

/// What the process itself uses, as every Prometheus client tells it.
package struct ProcessUsage: Sendable, Hashable {
    package var startTimeSeconds: Double
    package var cpuSeconds: Double
    package var residentBytes: UInt64
    package var openDescriptors: UInt64
    package var descriptorLimit: UInt64

    package init(
        startTimeSeconds: Double, cpuSeconds: Double, residentBytes: UInt64, openDescriptors: UInt64,
        descriptorLimit: UInt64
    ) {
        self.startTimeSeconds = startTimeSeconds
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.descriptorLimit = descriptorLimit
    }

    /// Reads `/proc/self`; what can't be read is 0.
    package static func now() -> ProcessUsage {
        let status = fields(KernelFile.text("/proc/self/stat") ?? "")
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let pageBytes = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
        var limit = rlimit()
        let hasLimit = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let started = number(status, 19).map { Double($0) / ticks + bootTimeSeconds() }
        return ProcessUsage(
            startTimeSeconds: started ?? 0,
            cpuSeconds: Double((number(status, 11) ?? 0) + (number(status, 12) ?? 0)) / ticks,
            residentBytes: (number(status, 21) ?? 0) * pageBytes,
            openDescriptors: countDescriptors(), descriptorLimit: hasLimit ? UInt64(limit.rlim_cur) : 0)
    }

    /// What follows the command's name in `/proc/self/stat`, which may itself hold spaces and brackets: proc(5)'s
    /// third field is the first here.
    package static func fields(_ stat: String) -> [Substring] {
        guard let end = stat.lastIndex(of: ")") else { return [] }
        return stat[stat.index(after: end)...].split { $0 == " " || $0 == "\n" }
    }

    private static func number(_ fields: [Substring], _ index: Int) -> UInt64? {
        index < fields.count ? UInt64(fields[index]) : nil
    }

    private static func bootTimeSeconds() -> Double {
        for line in (KernelFile.text("/proc/stat") ?? "").split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst("btime ".count)) ?? 0
        }
        return 0
    }

    private static func countDescriptors() -> UInt64 {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var entries: UInt64 = 0
        while unsafe readdir(directory) != nil { entries += 1 }
        // `.`, `..` and the directory's own descriptor.
        return entries > 3 ? entries - 3 : 0
    }
}
