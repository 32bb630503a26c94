internal import Postgres
package import Resources

extension RegistryQueries {
    package func artifact(_ digest: ArtifactDigest) async throws -> Artifact? {
        try await query("\(artifactColumns) WHERE digest = $1", [digest.rawValue]).first.map(Artifact.init(row:))
    }

    /// Artifacts in the order of their digests.
    package func artifacts(after digest: String?, limit: Int) async throws -> [Artifact] {
        try await query("\(artifactColumns) WHERE digest > $1 ORDER BY digest LIMIT $2", [digest ?? "", limit])
            .map(Artifact.init(row:))
    }

    /// The versions that an artifact belongs to, deleted ones left out.
    package func versions(with digest: ArtifactDigest, limit: Int) async throws -> [VersionReference] {
        try await query(
            """
            SELECT DISTINCT m.name, v.number FROM version_artifact va
            JOIN model_version v ON v.model_id = va.model_id AND v.number = va.number AND v.deleted_at IS NULL
            JOIN model m ON m.id = va.model_id
            WHERE va.digest = $1 ORDER BY m.name, v.number LIMIT $2
            """, [digest.rawValue, limit]
        ).map { VersionReference(model: try $0.name("name"), version: try $0.decode("number")) }
    }
}

extension RegistryTransaction {
    /// - Returns: whether the artifact is new.
    package func insertArtifact(
        _ digest: ArtifactDigest, size: Int64, at now: Timestamp, by actor: String
    ) async throws -> Bool {
        try await execute(
            """
            INSERT INTO artifact (digest, size, created_at, created_by) VALUES ($1, $2, $3, $4)
            ON CONFLICT (digest) DO NOTHING
            """, [digest.rawValue, size, now.postgres, actor]) > 0
    }
}

private let artifactColumns = "SELECT digest, size, created_at, created_by FROM artifact"

extension Artifact {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            digest: try row.name("digest"), size: try row.decode("size"), createdAt: try row.timestamp("created_at"),
            createdBy: try row.decode("created_by"))
    }
}
