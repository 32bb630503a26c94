package import SoakHistory
internal import Splitting

/// All that is known of a run: what clients saw, and what the registry holds.
package struct RunRecord: Sendable {
    package let history: History
    package let facts: RegistryFacts
    package let intents: [String: Intent]
    /// By generation; a table that was published twice under one number keeps its last form.
    package let tables: [Int: ServedTable]

    package init(history: History, facts: RegistryFacts) {
        self.history = history
        self.facts = facts
        intents = history.intents
        var tables: [Int: ServedTable] = [:]
        var routes = RouteSet()
        for publication in facts.publications where publication.isNew {
            tables[publication.generation] = ServedTable(publication, following: &routes)
        }
        self.tables = tables
    }

    /// Every invariant, in the order of their numbers.
    package func findings() -> [Finding] {
        [
            versionNumbers(), acknowledgedWrites(), oneEffect(), auditCompleteness(), revisionNumbers(), convergence(),
            proxyGenerations(), leaseEpochs(), servedTables(), partitions(), answersWereLive(), linearizableReads(),
            servingErrors(), leaks(), holdsRespected(), explanations(),
        ]
    }
}
