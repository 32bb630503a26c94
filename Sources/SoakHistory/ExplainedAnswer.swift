package import Resources

/// What `explain` said, at the end of a run, of a moment in which a proxy had answered.
package struct ExplainedAnswer: Sendable, Hashable, Codable {
    /// What is said to have decided the answer.
    package struct Owner: Sendable, Hashable, Codable {
        package var variant: String
        package var version: String

        package init(variant: String, version: String) {
            self.variant = variant
            self.version = version
        }
    }

    /// How the moment was found.
    package enum Basis: String, Sendable, Hashable, Codable {
        /// The release of the table that the answer names was the newest then.
        case generation
        /// The answer came about then, by PostgreSQL's clock, and nothing changed shortly before or after.
        case clock
    }

    package var score: ScoreRecord
    package var basis: Basis
    package var moment: Timestamp
    /// `nil`: there was no such endpoint.
    package var owner: Owner?

    package init(score: ScoreRecord, basis: Basis, moment: Timestamp, owner: Owner?) {
        self.score = score
        self.basis = basis
        self.moment = moment
        self.owner = owner
    }
}
