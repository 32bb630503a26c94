/// How many connections and callers a pool has.
package struct PostgresPoolUse: Sendable, Hashable {
    /// Lent, or being opened.
    package let active: Int
    package let idle: Int
    package let limit: Int
    /// Callers that wait for a connection.
    package let waiting: Int
}

extension PoolState {
    func use(limit: Int) -> PostgresPoolUse {
        PostgresPoolUse(active: openCount - idle.count, idle: idle.count, limit: limit, waiting: waiters.count)
    }
}
