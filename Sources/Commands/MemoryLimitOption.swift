import ArgumentParser

/// How much memory a proxy may hold, for every command that runs one.
struct MemoryLimitOption: ParsableArguments {
    @Option(
        name: .customLong("memory-limit"),
        help: ArgumentHelp(
            "The memory that the process may hold, such as 512MiB, or none: near it connections end with their answers, "
                + "then new requests get 503 (default: the control group's limit).", valueName: "size"))
    var memoryLimit: String?

    /// For `Settings`.
    var flags: [String: String?] { ["memory-limit": memoryLimit] }
}
