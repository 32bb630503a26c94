import Logging
import Proxy
package import Resources

/// How much memory a proxy may hold: `--memory-limit`.
package enum MemoryLimitSetting: Sendable, Hashable {
    /// As much as its control group may, which is how containers and systemd limit it; any amount where that has no limit.
    case ofControlGroup
    case unlimited
    case bytes(ByteCount)

    /// A proxy without a request holds less than half of it.
    package static let smallest = ByteCount.mebibytes(32)

    /// - Throws: `ConfigurationFault`, naming the key.
    package init(_ settings: Settings) throws(ConfigurationFault) {
        let expected = "an amount of memory of at least \(Self.smallest) such as 512MiB or 2GiB, or none"
        let given = try settings.parsed("memory-limit", expected: expected) { text in
            if text == "none" { return Self.unlimited }
            return ByteCount(parsing: text).flatMap { $0 < Self.smallest ? nil : .bytes($0) }
        }
        self = given ?? .ofControlGroup
    }

    /// In bytes; `nil` for none.
    ///
    /// - Parameter group: what the process's control groups allow.
    func limit(logger: Logger, ofControlGroup group: () -> Int? = { ControlGroup.memoryLimit() }) -> Int? {
        switch self {
        case .unlimited: return nil
        case .bytes(let count): return count.bytes
        case .ofControlGroup:
            guard let bytes = group() else { return nil }
            guard bytes >= Self.smallest.bytes else {
                logger.warning(
                    "The control group allows less memory than a proxy needs; it isn't held to it",
                    metadata: ["limitBytes": "\(bytes)", "expected": "at least \(Self.smallest)"])
                return nil
            }
            return bytes
        }
    }
}
