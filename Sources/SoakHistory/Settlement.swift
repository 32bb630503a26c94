package import Resources

/// What was seen after the last fault was healed and the last client had its answer.
package struct Settlement: Sendable, Hashable, Codable {
    package struct ProxyState: Sendable, Hashable, Codable {
        package var id: String
        package var generation: Int
        package var digest: String

        package init(id: String, generation: Int, digest: String) {
            self.id = id
            self.generation = generation
            self.digest = digest
        }
    }

    /// A time in which nothing was decided and nothing else served.
    package struct Stillness: Sendable, Hashable, Codable {
        /// It began with the settlement.
        package var until: RunMoment
        /// By PostgreSQL's clock, within it.
        package var moment: Timestamp

        package init(until: RunMoment, moment: Timestamp) {
            self.until = until
            self.moment = moment
        }
    }

    package var at: RunMoment
    /// From the healing until everything was in step; absent when it was not within the limit.
    package var milliseconds: Int?
    package var newestRelease: Int
    /// Of the newest routing table.
    package var generation: Int
    package var tableRelease: Int
    package var digest: String
    package var proxies: [ProxyState]
    /// Sessions of servers that sat in a transaction, or held a lock, while nobody wanted anything.
    package var lingering: [String]
    /// Sessions that each server had.
    package var sessions: [Int]
    /// Absent when something did change.
    package var stillness: Stillness?

    package init(
        at: RunMoment, milliseconds: Int?, newestRelease: Int, generation: Int, tableRelease: Int, digest: String,
        proxies: [ProxyState], lingering: [String], sessions: [Int], stillness: Stillness? = nil
    ) {
        self.at = at
        self.milliseconds = milliseconds
        self.newestRelease = newestRelease
        self.generation = generation
        self.tableRelease = tableRelease
        self.digest = digest
        self.proxies = proxies
        self.lingering = lingering
        self.sessions = sessions
        self.stillness = stillness
    }

    /// How long convergence may take after healing.
    package static let limit = Duration.seconds(5)
}
