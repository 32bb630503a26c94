/// When a proxy was down because the run took it down.
package struct ProxyOutage: Sendable, Hashable, Codable {
    package var proxy: Int
    /// Before it was stopped.
    package var from: RunMoment
    /// When it said that it was ready again, or when it should have.
    package var until: RunMoment

    package init(proxy: Int, from: RunMoment, until: RunMoment) {
        self.proxy = proxy
        self.from = from
        self.until = until
    }

    /// Whether a request met it.
    package func touches(_ score: ScoreRecord) -> Bool {
        score.proxy == proxy && score.sentAt <= until && score.answeredAt >= from
    }
}
