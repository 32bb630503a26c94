internal import Synchronization
package import Telemetry

/// What a reconciler counts of itself. Safe to share.
package final class ReconcilerMetrics: Sendable {
    private struct State {
        var outcomes: [String: UInt64] = ["led": 0, "followed": 0, "failed": 0]
        var durations = DurationHistogram()
        var isLeading = false
        var generation = 0
        var lastSuccess: Double?
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameter at: seconds since 1970.
    func record(_ activation: Reconciler.Activation, took duration: Duration, at: Double) {
        state.withLock { state in
            state.durations.record(duration)
            switch activation {
            case .follows:
                state.outcomes["followed", default: 0] += 1
                state.isLeading = false
                state.lastSuccess = at
            case .leads(_, let published):
                state.outcomes["led", default: 0] += 1
                state.isLeading = true
                state.generation = published ?? state.generation
                state.lastSuccess = at
            case .failed:
                state.outcomes["failed", default: 0] += 1
                state.isLeading = false
            }
        }
    }

    package func write(to page: inout ExpositionText) {
        let state = state.withLock { $0 }
        page.family("turnout_server_reconciler_leading", .gauge, "Whether this server's reconciler leads: 1, or 0.")
        page.sample([:], state.isLeading ? 1 : 0)
        page.family(
            "turnout_server_reconciler_generation", .gauge,
            "The newest routing table that this server published itself; 0 for none.")
        page.sample([:], state.generation)
        page.family(
            "turnout_server_reconciler_activations_total", .counter,
            "Looks at what should be and what is, by outcome: led, followed (another one leads), failed.")
        for (outcome, count) in state.outcomes.sorted(by: { $0.key < $1.key }) {
            page.sample(["outcome": outcome], count)
        }
        page.family(
            "turnout_server_reconciler_activation_duration_seconds", .histogram, "How long each of them took.")
        page.histogram(
            [:], bounds: DurationHistogram.bounds, counts: state.durations.counts, sum: state.durations.sumSeconds)
        page.family(
            "turnout_server_reconciler_last_success_timestamp_seconds", .gauge,
            "When the last one did not fail, in seconds since 1970; 0 for never.")
        page.sample(seconds: state.lastSuccess ?? 0)
    }
}
