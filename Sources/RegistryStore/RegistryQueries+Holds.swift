internal import Postgres
package import Resources

extension RegistryQueries {
    /// An endpoint's holds, the newest first.
    ///
    /// - Parameter before: only holds with a lower id.
    package func holds(of endpoint: EndpointName, before: Int64?, limit: Int) async throws -> [HoldRecord] {
        try await query(
            """
            SELECT id, kind, actor AS held_by, reason, since, until, ended_at, ended_by, ended_why
            FROM hold WHERE endpoint = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """,
            [endpoint.rawValue, before ?? Int64.max, limit]
        ).map { row in
            guard let hold = try row.hold() else {
                throw TurnoutError(.internal, "A hold can't be read.", context: "hold of '\(endpoint)' without actor")
            }
            let ended = try row.timestampIfPresent("ended_at").map { at in
                HoldRecord.Ending(at: at, by: try row.decode("ended_by"), why: try row.choice("ended_why"))
            }
            return HoldRecord(id: try row.decode("id"), hold: hold, ended: ended)
        }
    }
}

extension PostgresRow {
    /// `nil` when the row has none.
    func hold() throws -> Hold? {
        guard let by = try decodeIfPresent("held_by", as: String.self) else { return nil }
        return Hold(
            by: by, reason: try decodeIfPresent("reason"), since: try timestamp("since"),
            until: try timestampIfPresent("until"), kind: try choice("kind"))
    }
}
