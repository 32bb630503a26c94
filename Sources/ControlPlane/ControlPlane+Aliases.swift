internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Points an alias to a version. Pointing it to where it points already changes nothing and leaves no trace.
    ///
    /// Endpoints that name the alias follow when they are applied next, not before.
    /// - Parameter expected: refused with `conflict` when the alias points elsewhere.
    package func setAlias(
        _ alias: AliasName, to reference: VersionReference, expected: AliasExpectation = .anything,
        ifMatch precondition: Precondition = .none, key: IdempotencyKey? = nil, reason: String? = nil,
        by caller: Caller
    ) async throws -> ModelAlias {
        try caller.authorize(.operator)
        let asked = Asked([reference.version, expected.number], reason, precondition)
        return try await write(caller, key, "alias.set \(reference.model)@\(alias)", asked) { transaction in
            let id = try await Self.requireModelID(reference.model, transaction)
            _ = try await Self.requireVersion(reference, transaction)
            let current = try await transaction.alias(reference.model, alias)
            try await Self.demand(precondition, of: current, "\(reference.model)@\(alias)", transaction)
            try Self.compare(current, with: expected, reference.model, alias)
            if let current, current.version == reference.version { return current }
            try await transaction.setAlias(
                id, alias, to: reference.version, at: now(), by: caller.actor, reason: reason)
            try await appendAudit(
                transaction, caller, action: "alias.set", subject: "\(reference.model)@\(alias)", reason: reason,
                detail: AliasMove(version: reference.version, previousVersion: current?.version))
            return try await Self.requireAlias(reference.model, alias, transaction)
        }
    }

    /// Takes an alias away. One that doesn't exist is gone already.
    /// - Returns: whether there was one.
    @discardableResult
    package func deleteAlias(
        _ model: ModelName, _ alias: AliasName, expected: AliasExpectation = .anything,
        ifMatch precondition: Precondition = .none, key: IdempotencyKey? = nil, reason: String? = nil,
        by caller: Caller
    ) async throws -> Bool {
        try caller.authorize(.operator)
        let asked = Asked(expected.number, reason, precondition)
        return try await write(caller, key, "alias.delete \(model)@\(alias)", asked) { transaction in
            let id = try await Self.requireModelID(model, transaction)
            let current = try await transaction.alias(model, alias)
            try await Self.demand(precondition, of: current, "\(model)@\(alias)", transaction)
            try Self.compare(current, with: expected, model, alias)
            guard let current else { return false }
            try await transaction.deleteAliases(
                of: id, alias: alias, version: nil, at: now(), by: caller.actor, reason: reason)
            try await appendAudit(
                transaction, caller, action: "alias.delete", subject: "\(model)@\(alias)", reason: reason,
                detail: AliasMove(version: nil, previousVersion: current.version))
            return true
        }
    }

    /// Where an alias points now.
    package func alias(_ model: ModelName, _ alias: AliasName, by caller: Caller) async throws -> ModelAlias {
        try caller.authorize(.viewer)
        return try await Self.requireAlias(model, alias, store)
    }

    /// A model's aliases in the order of their names.
    package func aliases(of model: ModelName, _ page: PageRequest, by caller: Caller) async throws -> Page<ModelAlias> {
        try caller.authorize(.viewer)
        return try await store.snapshot { transaction in
            _ = try await Self.requireModelID(model, transaction)
            return Page(
                try await transaction.aliases(of: model, after: page.cursor, limit: page.limit + 1), of: page,
                position: \.alias.rawValue)
        }
    }

    /// An alias's moves, the latest first; those of one that was deleted, too.
    package func aliasChanges(
        _ model: ModelName, _ alias: AliasName, _ page: PageRequest, by caller: Caller
    ) async throws -> Page<AliasChange> {
        try caller.authorize(.viewer)
        let before = try page.numericCursor()
        return Page(
            try await store.aliasChanges(model, alias, before: before, limit: page.limit + 1), of: page,
            position: { String($0.sequence) })
    }

    private static func requireAlias(
        _ model: ModelName, _ alias: AliasName, _ queries: some RegistryQueries
    ) async throws -> ModelAlias {
        if let found = try await queries.alias(model, alias) { return found }
        _ = try await requireModel(model, queries)
        let meant = NearMiss.suggestion(for: alias.rawValue, among: try await queries.aliasNames(of: model))
        throw TurnoutError(
            .notFound,
            "There is no alias \(model)@\(alias)" + (meant.map { "; did you mean '\(model)@\($0)'?" } ?? "."))
    }

    private static func compare(
        _ current: ModelAlias?, with expected: AliasExpectation, _ model: ModelName, _ alias: AliasName
    ) throws(TurnoutError) {
        let actual = current.map { "points to \(model)/\($0.version)" } ?? "does not exist"
        switch expected {
        case .anything: return
        case .absent where current == nil: return
        case .version(let number) where number == current?.version: return
        case .absent: throw TurnoutError(.conflict, "\(model)@\(alias) \(actual); it was expected not to exist.")
        case .version(let number):
            throw TurnoutError(
                .conflict, "\(model)@\(alias) \(actual); it was expected to point to \(model)/\(number).")
        }
    }
}

extension AliasExpectation {
    /// As on the wire: a version, 0 for no such alias, `nil` for anything.
    fileprivate var number: Int? {
        switch self {
        case .anything: nil
        case .absent: 0
        case .version(let number): number
        }
    }
}

private struct AliasMove: Encodable {
    let version: Int?
    let previousVersion: Int?
}
