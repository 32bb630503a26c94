internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Registers a version under the model's next number.
    ///
    /// - Parameter key: sending the request again with the same key answers the first one's version.
    /// - Throws: `notFound` for the model; `invalid` for an artifact that was never pushed.
    package func registerVersion(
        of model: ModelName, _ draft: VersionDraft, key: IdempotencyKey? = nil, reason: String? = nil, by caller: Caller
    ) async throws -> ModelVersion {
        try caller.authorize(.operator)
        try DraftChecks.check(draft)
        return try await write(caller, key, "version.register \(model)", Asked(draft, reason)) { transaction in
            for digest in Set((draft.artifacts ?? [:]).values) {
                guard try await transaction.artifact(digest) != nil else {
                    throw TurnoutError(.invalid, "The artifact \(digest) was not pushed yet: push it first.")
                }
            }
            let reference = try await transaction.insertVersion(of: model, draft, at: now(), by: caller.actor)
            guard let reference else { throw try await Self.missing(model, transaction) }
            try await appendAudit(
                transaction, caller, action: "version.register", subject: reference.description, reason: reason,
                detail: draft)
            return try await Self.requireVersion(reference, transaction)
        }
    }

    package func version(_ reference: VersionReference, by caller: Caller) async throws -> ModelVersion {
        try caller.authorize(.viewer)
        return try await Self.requireVersion(reference, store)
    }

    /// A model's versions, the newest first.
    package func versions(
        of model: ModelName, _ page: PageRequest, by caller: Caller
    ) async throws -> Page<ModelVersion> {
        try caller.authorize(.viewer)
        let before = try page.numericCursor()
        return try await store.snapshot { transaction in
            _ = try await Self.requireModelID(model, transaction)
            return Page(
                try await transaction.versions(of: model, before: before, limit: page.limit + 1), of: page,
                position: { String($0.version) })
        }
    }

    /// Changes what may change of a version: its description and its tags.
    /// - Throws: `preconditionFailed` when the version isn't what the caller has seen.
    package func annotateVersion(
        _ reference: VersionReference, _ annotations: Annotations, ifMatch precondition: Precondition = .none,
        key: IdempotencyKey? = nil, reason: String? = nil, by caller: Caller
    ) async throws -> ModelVersion {
        try caller.authorize(.operator)
        try DraftChecks.check(annotations)
        let asked = Asked(annotations, reason, precondition)
        return try await write(caller, key, "version.annotate \(reference)", asked) { transaction in
            let id = try await Self.requireModelID(reference.model, transaction)
            try await Self.demand(
                precondition, of: try await Self.requireVersion(reference, transaction), reference.description,
                transaction)
            let number = reference.version
            if let description = annotations.description {
                try await transaction.updateVersion(id, number, description: description, at: now())
            }
            for (key, value) in annotations.setTags ?? [:] {
                try await transaction.setVersionTag(id, number, key: key, value: value)
            }
            for key in annotations.removeTags ?? [] { _ = try await transaction.deleteVersionTag(id, number, key: key) }
            try await appendAudit(
                transaction, caller, action: "version.annotate", subject: reference.description, reason: reason,
                detail: annotations)
            return try await Self.requireVersion(reference, transaction)
        }
    }

    /// Deletes a version: its aliases go, its number is never given again, its history stays.
    /// - Throws: `inUse`, naming the endpoints that use it; `preconditionFailed`.
    package func deleteVersion(
        _ reference: VersionReference, ifMatch precondition: Precondition = .none, key: IdempotencyKey? = nil,
        reason: String? = nil, by caller: Caller
    ) async throws {
        try caller.authorize(.admin)
        let asked = Asked(NoDetail(), reason, precondition)
        _ = try await write(caller, key, "version.delete \(reference)", asked) { transaction in
            let id = try await Self.requireModelID(reference.model, transaction)
            try await Self.demand(
                precondition, of: try await Self.requireVersion(reference, transaction), reference.description,
                transaction)
            try await Self.refuseWhileUsed(
                id, version: reference.version, subject: reference.description, transaction)
            let aliases = try await transaction.deleteAliases(
                of: id, alias: nil, version: reference.version, at: now(), by: caller.actor, reason: reason)
            try await transaction.deleteVersion(id, reference.version, at: now(), by: caller.actor)
            try await appendAudit(
                transaction, caller, action: "version.delete", subject: reference.description, reason: reason,
                detail: ["aliases": aliases])
            return true
        }
    }

    static func requireVersion(
        _ reference: VersionReference, _ queries: some RegistryQueries
    ) async throws -> ModelVersion {
        if let version = try await queries.version(reference) { return version }
        let newest = try await requireModel(reference.model, queries).latestVersion
        throw TurnoutError(
            .notFound,
            "There is no version \(reference); "
                + (newest.map { "the newest is \(reference.model)/\($0)." } ?? "the model has none."))
    }
}
