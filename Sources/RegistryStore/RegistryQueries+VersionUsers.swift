internal import Postgres
package import Resources

extension RegistryQueries {
    /// The endpoints whose live, applied or waiting revision uses a version, in the order of their names.
    /// - Parameter number: one version; `nil` for any of the model's.
    package func endpoints(using modelID: Int64, version number: Int?) async throws -> [EndpointName] {
        try await query(
            """
            SELECT DISTINCT e.name FROM revision_variant v
            JOIN endpoint e ON e.name = v.endpoint
                AND v.revision IN (e.active_revision, e.applied_revision, e.waiting_revision)
            WHERE v.model_id = $1 AND ($2::bigint IS NULL OR v.version = $2) ORDER BY e.name
            """, [modelID, number]
        ).map { try $0.name("name") }
    }
}
