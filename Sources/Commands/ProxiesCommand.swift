import ArgumentParser
import ControlAPIClient
import Resources

struct ProxiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxies",
        abstract: "List the proxies, which table each serves, and what keeps it from the newest.",
        discussion: """
            A proxy counts as live for 15 seconds from when it was heard of; after a
            day of silence it is forgotten. Those that lag behind come first.

            Examples:
              turnout proxies
              turnout proxies --output json
            """)

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let proxies = try await list.collect { try await client.proxies($0) }
        try output.render(proxies) { Self.table(proxies) }
    }

    private static func table(_ proxies: [ProxyRecord]) -> TextTable {
        let newest = proxies.map(\.report.generation).max() ?? 0
        let sorted = proxies.sorted { first, second in
            let (left, right) = (first.report, second.report)
            return left.generation == right.generation ? left.id < right.id : left.generation < right.generation
        }
        return TextTable(
            [
                .left("proxy"), .left("address"), .right("generation"), .left("heard of"), .left("unhealthy backends"),
                .left("refuses the newest table"),
            ],
            rows: sorted.map { proxy in
                let report = proxy.report
                return [
                    StyledText(report.id, .bold), StyledText(report.address),
                    StyledText(String(report.generation), report.generation < newest ? .warning : .plain),
                    StyledText(proxy.lastSeen.seconds),
                    StyledText(unhealthy(report.unhealthy), report.unhealthy.isEmpty ? .plain : .warning),
                    StyledText(report.refusal ?? "", .bad),
                ]
            }, whenEmpty: "No proxy was heard of within a day.")
    }

    private static func unhealthy(_ backends: [String]) -> String {
        guard backends.count > 3 else { return backends.joined(separator: ", ") }
        return backends.prefix(3).joined(separator: ", ") + " and \(backends.count - 3) more"
    }
}
