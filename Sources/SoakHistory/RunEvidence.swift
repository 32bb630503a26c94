/// What the logs of a run's processes say, counted at its end.
package struct RunEvidence: Sendable, Hashable, Codable {
    /// Serialisation failures and deadlocks that PostgreSQL reported.
    package var serializationFailures: Int
    /// Writes that were refused because another one leads by now.
    package var staleLeadersRefused: Int
    /// Whether every server and proxy ended orderly when it was told to.
    package var endedOrderly: Bool

    package init(serializationFailures: Int, staleLeadersRefused: Int, endedOrderly: Bool) {
        self.serializationFailures = serializationFailures
        self.staleLeadersRefused = staleLeadersRefused
        self.endedOrderly = endedOrderly
    }
}
