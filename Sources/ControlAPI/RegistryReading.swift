import ControlAPITypes
import HTTPTypes
package import Hummingbird
package import Resources

/// What the routes of the registry's nouns have in common.
extension Request {
    /// `?reason=`: why, for the audit log.
    package func reason() throws -> String? {
        guard let reason = query("reason"), !reason.isEmpty else { return nil }
        guard reason.utf8.count <= 4096, !reason.utf8.contains(0) else {
            throw TurnoutError(.invalid, "reason takes at most 4096 bytes, none of them NUL.")
        }
        return reason
    }

    /// - Throws: `invalid` for a header that isn't a key.
    package func idempotencyKey() throws -> IdempotencyKey? {
        guard let name = HTTPField.Name(APIHeader.idempotencyKey), let text = headers[name] else { return nil }
        return try IdempotencyKey(validating: text)
    }
}

extension APIContext {
    /// The version that `models/:model/versions/:version` names.
    package func versionReference() throws -> VersionReference {
        VersionReference(model: try parameter("model", as: ModelName.self), version: try ordinal("version"))
    }
}
