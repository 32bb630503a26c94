import ArgumentParser

/// What a proxy writes down of requests, for every command that runs one.
struct RequestRecordOptions: ParsableArguments {
    @Option(
        name: .customLong("slow-request"),
        help: ArgumentHelp(
            "What counts as slow: such requests are at /slow-requests of the admin port (default 100ms).",
            valueName: "time"))
    var slowRequest: String?

    @Option(
        name: .customLong("access-log"),
        help: ArgumentHelp("Write requests there, a line of JSON each; - is standard output.", valueName: "file"))
    var accessLog: String?

    @Option(
        name: .customLong("access-log-sample"),
        help: ArgumentHelp("The share of requests written, failed ones always (default 0.01).", valueName: "share"))
    var accessLogSample: String?

    @Option(
        name: .customLong("access-log-rate"),
        help: ArgumentHelp("Lines a second at most (default 100).", valueName: "n"))
    var accessLogRate: String?

    /// For `Settings`.
    var flags: [String: String?] {
        [
            "slow-request": slowRequest, "access-log": accessLog, "access-log-sample": accessLogSample,
            "access-log-rate": accessLogRate,
        ]
    }
}
