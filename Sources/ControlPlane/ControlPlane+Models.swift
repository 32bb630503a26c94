internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Creates a model. One that was deleted comes back empty, its version numbers going on where they were.
    /// - Throws: `alreadyExists`, `invalid`.
    package func createModel(_ draft: ModelDraft, reason: String? = nil, by caller: Caller) async throws -> Model {
        try caller.authorize(.operator)
        try DraftChecks.check(draft)
        return try await store.transaction { transaction in
            guard try await transaction.insertModel(draft, at: now(), by: caller.actor) else {
                throw TurnoutError(.alreadyExists, "The model '\(draft.name)' exists already.")
            }
            try await appendAudit(
                transaction, caller, action: "model.create", subject: draft.name.rawValue, reason: reason, detail: draft
            )
            return try await Self.requireModel(draft.name, transaction)
        }
    }

    package func model(_ name: ModelName, by caller: Caller) async throws -> Model {
        try caller.authorize(.viewer)
        return try await Self.requireModel(name, store)
    }

    /// Models in the order of their names.
    package func models(_ page: PageRequest, by caller: Caller) async throws -> Page<Model> {
        try caller.authorize(.viewer)
        return Page(
            try await store.models(after: page.cursor, limit: page.limit + 1), of: page, position: \.name.rawValue)
    }

    /// Changes a model's description and tags.
    package func annotateModel(
        _ name: ModelName, _ annotations: Annotations, reason: String? = nil, by caller: Caller
    ) async throws -> Model {
        try caller.authorize(.operator)
        try DraftChecks.check(annotations)
        return try await store.transaction { transaction in
            let id = try await Self.requireModelID(name, transaction)
            if let description = annotations.description {
                try await transaction.updateModel(id, description: description, at: now())
            }
            for (key, value) in annotations.setTags ?? [:] {
                try await transaction.setModelTag(id, key: key, value: value)
            }
            for key in annotations.removeTags ?? [] { _ = try await transaction.deleteModelTag(id, key: key) }
            try await appendAudit(
                transaction, caller, action: "model.annotate", subject: name.rawValue, reason: reason,
                detail: annotations)
            return try await Self.requireModel(name, transaction)
        }
    }

    /// Deletes a model with its aliases and all its versions, which keep their numbers for ever.
    /// - Throws: `inUse`, naming the endpoints that use one of its versions.
    package func deleteModel(_ name: ModelName, reason: String? = nil, by caller: Caller) async throws {
        try caller.authorize(.admin)
        try await store.transaction { transaction in
            let id = try await Self.requireModelID(name, transaction)
            try await Self.refuseWhileUsed(id, version: nil, subject: name.rawValue, transaction)
            try await transaction.deleteAliases(
                of: id, alias: nil, version: nil, at: now(), by: caller.actor, reason: reason)
            try await transaction.deleteModel(id, at: now(), by: caller.actor)
            try await appendAudit(
                transaction, caller, action: "model.delete", subject: name.rawValue, reason: reason)
        }
    }

    static func requireModel(_ name: ModelName, _ queries: some RegistryQueries) async throws -> Model {
        guard let model = try await queries.model(name) else { throw missing(name) }
        return model
    }

    static func requireModelID(_ name: ModelName, _ transaction: RegistryTransaction) async throws -> Int64 {
        guard let id = try await transaction.modelID(name) else { throw missing(name) }
        return id
    }

    static func missing(_ name: ModelName) -> TurnoutError {
        TurnoutError(.notFound, "There is no model '\(name)'; `turnout model create` makes one.")
    }

    static func refuseWhileUsed(
        _ modelID: Int64, version: Int?, subject: String, _ transaction: RegistryTransaction
    ) async throws {
        let users = try await transaction.endpoints(using: modelID, version: version)
        guard !users.isEmpty else { return }
        let names = users.map(\.rawValue).joined(separator: ", ")
        throw TurnoutError(
            .inUse, "\(subject) is used by the endpoint\(users.count == 1 ? "" : "s") \(names); change them first.")
    }
}
