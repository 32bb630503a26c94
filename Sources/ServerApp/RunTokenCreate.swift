package import ControlAPITypes
import ControlPlane
package import Logging
import Postgres
import RegistryStore
package import Resources

/// Makes a token in the database itself, for whoever has the right to write there: the way to the first one, before
/// anyone can ask the control API for it.
package func runTokenCreate(
    databaseURL: String, draft: TokenDraft, reason: String?, actor: String, logger: Logger
) async throws -> CreatedToken {
    let pool = PostgresPool(PostgresConfiguration(url: databaseURL, maximumConnections: 1), logger: logger)
    do {
        let created = try await StartFault.explaining {
            try await Schema(pool, logger: logger).requireCurrent()
            let controlPlane = ControlPlane(
                store: RegistryStore(pool: pool), artifactStore: ArtifactStore(directory: ""), logger: logger, poke: {})
            return try await controlPlane.createToken(
                name: draft.name, role: draft.role, lifetime: draft.lifetime, reason: reason,
                by: Caller(actor: actor, role: .admin))
        }
        await pool.shutdown()
        return created
    } catch {
        await pool.shutdown()
        throw error
    }
}
