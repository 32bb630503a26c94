internal import Postgres
package import Resources

/// A lease that this holder has.
package struct Lease: Sendable, Hashable {
    package let name: String
    package let holder: String
    /// Every write under the lease carries it.
    package let epoch: Int
    package let expiresAt: Timestamp
}

package enum LeaseAnswer: Sendable, Hashable {
    case held(Lease)
    /// Someone else has it, for this long if it is not renewed.
    case taken(by: String, remaining: Duration)
}

extension RegistryStore {
    /// Takes a lease that is free or whose time has passed, or renews the holder's own. A new holder gets a new epoch.
    /// A lease that would last longer than twice the duration was given before the clock jumped back: it has passed.
    ///
    /// - Parameter now: the moment that counts; `nil` for the database's clock.
    package func acquireLease(
        _ name: String, holder: String, for duration: Duration, now: Timestamp? = nil
    ) async throws -> LeaseAnswer {
        try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            let now = if let now { now } else { try await transaction.databaseNow() }
            let rows = try await transaction.query(
                """
                INSERT INTO lease (name, holder, epoch, expires_at) VALUES ($1, $2, 1, $4)
                ON CONFLICT (name) DO UPDATE SET
                    holder = excluded.holder, expires_at = excluded.expires_at,
                    epoch = lease.epoch + CASE
                        WHEN lease.holder = excluded.holder AND lease.expires_at > $3 THEN 0 ELSE 1 END
                WHERE lease.holder = excluded.holder OR lease.expires_at <= $3 OR lease.expires_at > $5
                RETURNING epoch, expires_at
                """,
                [
                    name, holder, now.postgres, now.advanced(by: duration).postgres,
                    now.advanced(by: duration * 2).postgres,
                ])
            if let row = rows.first {
                return .held(
                    Lease(
                        name: name, holder: holder, epoch: try row.decode("epoch"),
                        expiresAt: try row.timestamp("expires_at")))
            }
            let others = try await transaction.query("SELECT holder, expires_at FROM lease WHERE name = $1", [name])
            guard let other = others.first else { throw TurnoutError(.unavailable, "A lease vanished; try again.") }
            let remaining = try other.timestamp("expires_at").microseconds - now.microseconds
            return .taken(by: try other.decode("holder"), remaining: .microseconds(max(0, remaining)))
        }
    }

    /// Lets the next one take the lease at once. Nothing happens when it was lost meanwhile.
    package func releaseLease(_ lease: Lease) async throws {
        _ = try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.execute(
                "UPDATE lease SET expires_at = 'epoch' WHERE name = $1 AND holder = $2 AND epoch = $3",
                [lease.name, lease.holder, lease.epoch])
        }
    }
}

extension RegistryTransaction {
    /// Makes sure, for the rest of the transaction, that the lease has not gone to another holder.
    ///
    /// - Throws: `conflict` when it has: whatever was decided under it must not be written.
    package func demand(_ lease: Lease) async throws {
        let rows = try await query(
            "SELECT FROM lease WHERE name = $1 AND holder = $2 AND epoch = $3 FOR UPDATE",
            [lease.name, lease.holder, lease.epoch])
        guard rows.isEmpty else { return }
        throw TurnoutError(
            .conflict, "The lease '\(lease.name)' has gone to another holder.", context: "epoch \(lease.epoch)")
    }
}

extension RegistryQueries {
    package func databaseNow() async throws -> Timestamp {
        guard let row = try await query("SELECT clock_timestamp() AS now").first else {
            throw TurnoutError(.internal, "The database does not tell the time.")
        }
        return try row.timestamp("now")
    }
}
