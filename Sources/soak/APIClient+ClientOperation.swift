import ControlAPIClient
import ControlAPITypes
import Resources
import SoakHistory

extension APIClient {
    /// Sends an operation once. The intent is its idempotency key, and the reason that the audit log keeps.
    func perform(_ operation: ClientOperation, intent: String) async throws -> Answer {
        let key = try IdempotencyKey(validating: intent)
        switch operation {
        case .createModel(let model):
            let created = try await createModel(ModelDraft(name: model), key: key, reason: intent)
            return .model(latestVersion: created.latestVersion)
        case .registerVersion(let model):
            let version = try await registerVersion(
                of: model, VersionDraft(source: "soak", commit: intent), key: key, reason: intent)
            return .version(
                version: VersionReference(model: version.model, version: version.version), commit: version.commit)
        case .deleteVersion(let version):
            return .deletion(deleted: try await deleteVersion(version, key: key, reason: intent).deleted)
        case .setAlias(let model, let alias, let version, let expected):
            let set = try await setAlias(
                model, alias, AliasAssignment(version: version, expected: expected), key: key, reason: intent)
            return .alias(version: set.version)
        case .deleteAlias(let model, let alias):
            return .deletion(deleted: try await deleteAlias(model, alias, key: key, reason: intent).deleted)
        case .apply(let request): return .change(outcome: try await apply(request, key: key))
        case .promote(let endpoint, let request):
            return .change(outcome: try await promote(endpoint, request, key: key))
        case .rollback(let endpoint, let request):
            return .change(outcome: try await rollback(endpoint, request, key: key))
        case .rollbackRelease(let request): return .change(outcome: try await rollback(request, key: key))
        case .resume(let endpoint, let request):
            return .change(outcome: try await resume(endpoint, request, key: key))
        case .readModel(let name): return .model(latestVersion: try await model(name).latestVersion)
        case .readAlias(let model, let name): return .alias(version: try await aliasIfAny(model, name))
        case .readEndpoint(let endpoint): return .endpoint(revision: try await revisionIfAny(of: endpoint))
        }
    }

    private func revisionIfAny(of endpoint: EndpointName) async throws -> Int? {
        do {
            return try await status(of: endpoint).revision
        } catch let error as ClientError where error.code == .refused(.notFound) {
            return nil
        }
    }

    private func aliasIfAny(_ model: ModelName, _ name: AliasName) async throws -> Int? {
        do {
            return try await alias(model, name).version
        } catch let error as ClientError where error.code == .refused(.notFound) {
            return nil
        }
    }
}
