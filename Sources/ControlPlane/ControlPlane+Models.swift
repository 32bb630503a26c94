internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Creates a model. One that was deleted comes back empty, its version numbers going on where they were.
    /// - Throws: `alreadyExists`, `invalid`.
    package func createModel(
        _ draft: ModelDraft, key: IdempotencyKey? = nil, reason: String? = nil, by caller: Caller
    ) async throws -> Model {
        try caller.authorize(.operator)
        try DraftChecks.check(draft)
        return try await write(caller, key, "model.create", Asked(draft, reason)) { transaction in
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
    /// - Throws: `preconditionFailed` when the model isn't what the caller has seen.
    package func annotateModel(
        _ name: ModelName, _ annotations: Annotations, ifMatch precondition: Precondition = .none,
        key: IdempotencyKey? = nil, reason: String? = nil, by caller: Caller
    ) async throws -> Model {
        try caller.authorize(.operator)
        try DraftChecks.check(annotations)
        let asked = Asked(annotations, reason, precondition)
        return try await write(caller, key, "model.annotate \(name)", asked) { transaction in
            let id = try await Self.requireModelID(name, transaction)
            try await Self.demand(
                precondition, of: try await Self.requireModel(name, transaction), name.rawValue, transaction)
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
    /// - Throws: `inUse`, naming the endpoints that use one of its versions; `preconditionFailed`.
    package func deleteModel(
        _ name: ModelName, ifMatch precondition: Precondition = .none, key: IdempotencyKey? = nil,
        reason: String? = nil, by caller: Caller
    ) async throws {
        try caller.authorize(.admin)
        let asked = Asked(NoDetail(), reason, precondition)
        _ = try await write(caller, key, "model.delete \(name)", asked) { transaction in
            let id = try await Self.requireModelID(name, transaction)
            try await Self.demand(
                precondition, of: try await Self.requireModel(name, transaction), name.rawValue, transaction)
            try await Self.refuseWhileUsed(id, version: nil, subject: name.rawValue, transaction)
            try await transaction.deleteAliases(
                of: id, alias: nil, version: nil, at: now(), by: caller.actor, reason: reason)
            try await transaction.deleteModel(id, at: now(), by: caller.actor)
            try await appendAudit(
                transaction, caller, action: "model.delete", subject: name.rawValue, reason: reason)
            return true
        }
    }

    static func requireModel(_ name: ModelName, _ queries: some RegistryQueries) async throws -> Model {
        guard let model = try await queries.model(name) else { throw try await missing(name, queries) }
        return model
    }

    static func requireModelID(_ name: ModelName, _ transaction: RegistryTransaction) async throws -> Int64 {
        guard let id = try await transaction.modelID(name) else { throw try await missing(name, transaction) }
        return id
    }

    static func missing(_ name: ModelName, _ queries: some RegistryQueries) async throws -> TurnoutError {
        let meant = NearMiss.suggestion(for: name.rawValue, among: try await queries.modelNames())
        return TurnoutError(
            .notFound,
            "There is no model '\(name)'; "
                + (meant.map { "did you mean '\($0)'?" } ?? "`turnout model create` makes one."))
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
