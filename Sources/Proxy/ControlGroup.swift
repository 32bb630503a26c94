import Telemetry

/// The memory that the control groups of this process allow it.
package struct ControlGroup: Sendable {
    /// The whole text of a file; `nil` where there is none.
    package typealias Reader = (_ path: String) -> String?

    /// The smallest limit of the process's own group and those around it, in bytes; `nil` where none has one.
    package static func memoryLimit(reading file: Reader = KernelFile.text) -> Int? {
        let mounts = (file("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap(Mount.init)
        var limits: [Int] = []
        for line in (file("/proc/self/cgroup") ?? "").split(separator: "\n") {
            // `4:memory,cpu:/path`; of version 2, `0::/path`.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isSecond = parts[0] == "0" && parts[1].isEmpty
            guard isSecond || parts[1].split(separator: ",").contains("memory"),
                let mount = mounts.first(where: { isSecond ? $0.type == "cgroup2" : $0.isMemory })
            else { continue }
            let name = isSecond ? "memory.max" : "memory.limit_in_bytes"
            limits += mount.directories(of: parts[2]).compactMap { limit(file("\($0)/\(name)")) }
        }
        return limits.min()
    }

    /// `max`, and what version 1 writes for it, the largest number of whole pages, are none.
    private static func limit(_ text: String?) -> Int? {
        guard let text, let value = Int(text.prefix { !$0.isWhitespace }), (1..<1 << 53).contains(value) else {
            return nil
        }
        return value
    }

    /// A line of `/proc/self/mountinfo` that mounts control groups.
    private struct Mount {
        let root: Substring
        let point: Substring
        let type: Substring
        let isMemory: Bool

        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { return nil }
            root = fields[3]
            point = fields[4]
            type = fields[dash + 1]
            isMemory = type == "cgroup" && fields[dash + 3].split(separator: ",").contains("memory")
        }

        /// A group's directory and those of the groups around it, as far as they can be seen here.
        func directories(of path: Substring) -> [String] {
            var names = path.split(separator: "/")
            let above = root.split(separator: "/")
            // Seen from within a container, a path may be the host's: then the mount itself is the group.
            names = names.starts(with: above) ? Array(names.dropFirst(above.count)) : []
            if names.contains("..") { names = [] }
            return (0...names.count).reversed().map { count in
                ([String(point)] + names.prefix(count).map(String.init)).joined(separator: "/")
            }
        }
    }
}
