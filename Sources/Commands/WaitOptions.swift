import ArgumentParser
import ControlAPIClient
import Resources

/// Waiting until every live proxy serves a release.
struct WaitOptions: ParsableArguments {
    @Flag(help: "Return when every live proxy serves the release.")
    var wait = false

    @Option(help: ArgumentHelp("How long --wait waits, such as 30s.", valueName: "time"), transform: checked)
    var timeout: Interval = .seconds(60)

    private static let firstPause = Duration.milliseconds(4)
    private static let longestPause = Duration.milliseconds(250)

    /// - Returns: how far the proxies got; `nil` when nobody asked to wait.
    /// - Throws: `CommandFault` when the time passed.
    func untilServed(_ release: Int, _ client: APIClient) async throws -> Convergence? {
        guard wait, release > 0 else { return nil }
        let deadline = ContinuousClock.now + timeout.duration
        var pause = Self.firstPause
        while true {
            let convergence = try await client.convergence(release: release)
            if convergence.isComplete { return convergence }
            guard ContinuousClock.now < deadline else {
                let state =
                    convergence.generation == nil
                    ? "its routing table is not compiled yet"
                    : "\(convergence.inStep) of \(convergence.live) live proxies serve it"
                throw CommandFault(
                    .failed, "release \(release) is recorded, but after \(timeout) \(state)",
                    hint: "'turnout proxies' shows which lag behind, and why; the release needs no second apply")
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 1.25, Self.longestPause)
        }
    }
}
