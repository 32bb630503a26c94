/// How far a database has come. Only made when migrations and database don't contradict each other.
package struct MigrationStatus: Sendable {
    /// What the database has, in order.
    package let applied: [Migration]
    /// What it lacks, in order.
    package let pending: [Migration]

    package var isUpToDate: Bool { pending.isEmpty }
}
