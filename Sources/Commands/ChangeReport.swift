import ControlAPIClient
import Resources

/// How a change is told and with which code it exits: for apply, promote, rollback and resume alike.
enum ChangeReport {
    /// Prints what was done, waits if asked to, and ends with `held` when something waits.
    ///
    /// - Parameter written: what was done to files besides.
    static func tell(
        _ outcome: ChangeOutcome, written: WrittenSplit? = nil, _ client: APIClient, _ wait: WaitOptions,
        _ output: OutputOptions
    ) async throws {
        let convergence = try await wait.untilServed(outcome.release, client)
        if let written {
            try output.render(
                Amended(value: outcome, name: "written", field: written),
                text: { text(outcome, convergence) + "\n\n" + written.text })
        } else {
            try output.render(outcome, text: { text(outcome, convergence) })
        }
        if outcome.status == .held { throw CommandExit.held }
    }

    static func text(_ outcome: ChangeOutcome, _ convergence: Convergence?) -> String {
        let shown = outcome.changes.filter { $0.action != .unchanged || $0.held != nil }
        // Of what was promoted again, only the hold is new: nothing waits for it.
        var parts = shown.map { $0.lines(waiting: outcome.status == .held).joined(separator: "\n") }
        parts.append((outcome.notes + [summary(outcome, convergence)]).joined(separator: "\n"))
        return parts.joined(separator: "\n\n")
    }

    private static func summary(_ outcome: ChangeOutcome, _ convergence: Convergence?) -> String {
        var text: String
        switch outcome.status {
        case .applied where outcome.changes.contains { $0.toRevision != nil }: text = "Release \(outcome.release)."
        case .applied where outcome.changes.contains { $0.action == .adopt }:
            text = "What is live stays as release \(outcome.release) made it; only the source changed."
        case .applied: text = "What is live stays as release \(outcome.release) made it; only the hold changed."
        case .unchanged: return "Nothing to change: release \(outcome.release) is the newest."
        case .held:
            text = "Release \(outcome.release) is recorded; what is held waits ('turnout resume' releases a hold)."
        }
        guard let convergence else { return text }
        switch convergence.live {
        case 0: text += " No proxy is live; the next one to start serves it."
        case let live: text += " \(convergence.inStep) of \(live) live proxies serve it."
        }
        return text
    }
}
