internal import Logging
internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Takes an artifact in, and answers its digest. The same bytes again change nothing, but mend a damaged copy.
    ///
    /// - Parameter expected: what the caller knows the bytes to hash to; refused with `invalid` when they don't.
    /// - Throws: `tooLarge`.
    package func pushArtifact<Chunks: AsyncSequence>(
        _ chunks: Chunks, expected: ArtifactDigest?, by caller: Caller
    ) async throws -> Artifact where Chunks.Element == [UInt8] {
        try caller.authorize(.operator)
        // The file is durable before the row says that it is there.
        let (digest, size) = try await artifactStore.receive(chunks, expected: expected)
        return try await store.transaction { transaction in
            if try await transaction.insertArtifact(digest, size: size, at: now(), by: caller.actor) {
                try await appendAudit(
                    transaction, caller, action: "artifact.push", subject: digest.rawValue, detail: ["size": size])
            }
            return try await Self.requireArtifact(digest, transaction)
        }
    }

    /// Opens an artifact for reading, after having checked every byte of it.
    /// - Throws: `notFound`; `unavailable`, naming the artifact, when it is damaged.
    package func openArtifact(
        _ digest: ArtifactDigest, by caller: Caller
    ) async throws -> (artifact: Artifact, reader: ArtifactReader) {
        try caller.authorize(.viewer)
        let artifact = try await Self.requireArtifact(digest, store)
        do {
            return (artifact, try await artifactStore.open(digest))
        } catch let damage as ArtifactDamage {
            report(damage, of: digest)
            throw TurnoutError(
                .unavailable, "The artifact \(digest) is damaged: \(damage.reason). Push it again to mend it.")
        }
    }

    package func artifact(_ digest: ArtifactDigest, by caller: Caller) async throws -> Artifact {
        try caller.authorize(.viewer)
        return try await Self.requireArtifact(digest, store)
    }

    /// Artifacts in the order of their digests.
    package func artifacts(_ page: PageRequest, by caller: Caller) async throws -> Page<Artifact> {
        try caller.authorize(.viewer)
        return Page(
            try await store.artifacts(after: page.cursor, limit: page.limit + 1), of: page, position: \.digest.rawValue)
    }

    /// Hashes an artifact anew.
    package func inspectArtifact(_ digest: ArtifactDigest, by caller: Caller) async throws -> ArtifactInspection {
        try caller.authorize(.viewer)
        let artifact = try await Self.requireArtifact(digest, store)
        let damage = try await artifactStore.damage(of: digest)
        if let damage { report(damage, of: digest) }
        return ArtifactInspection(
            digest: digest, size: artifact.size, damage: damage?.reason,
            versions: try await store.versions(with: digest, limit: 100))
    }

    private static func requireArtifact(
        _ digest: ArtifactDigest, _ queries: some RegistryQueries
    ) async throws -> Artifact {
        guard let artifact = try await queries.artifact(digest) else {
            throw TurnoutError(.notFound, "There is no artifact \(digest).")
        }
        return artifact
    }

    private func report(_ damage: ArtifactDamage, of digest: ArtifactDigest) {
        logger.error(
            "An artifact is damaged",
            metadata: ["artifact.digest": "\(digest)", "artifact.damage": "\(damage.reason)"])
    }
}
