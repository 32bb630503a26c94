internal import Digests
internal import RegistryStore
internal import Resources

/// Names a resource as it was when it was read: two readings have the same tag when nothing differs.
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// 32 hexadecimal digits.
    package let digits: String

    package init(of value: some Encodable) throws {
        digits = String(SHA256Digest.hash(try CanonicalJSON.text(value)).hex.prefix(32))
    }

    /// In quotes, as the headers `etag` and `if-match` have it.
    package var description: String { "\"\(digits)\"" }
}

/// What must be so for a change to go on: what the caller has seen is still there.
package enum Precondition: Sendable, Hashable {
    case none
    /// `*`: there is such a thing at all.
    case exists
    /// It is what one of these tags names.
    case tags([String])

    /// For the digest that binds an idempotency key to its request; `nil` keeps digests of requests without one short.
    var words: [String]? {
        switch self {
        case .none: nil
        case .exists: ["*"]
        case .tags(let tags): tags
        }
    }
}

extension ControlPlane {
    private static let shownChanges = 5

    /// - Parameter subject: as the audit log has it; the refusal says who changed it last.
    /// - Throws: `preconditionFailed`.
    static func demand(
        _ precondition: Precondition, of current: (some Encodable)?, _ subject: String, _ queries: some RegistryQueries
    ) async throws {
        switch precondition {
        case .none: return
        case .exists where current != nil: return
        case .tags(let tags):
            if let current, tags.contains(try EntityTag(of: current).digits) { return }
        case .exists: break
        }
        let changes = try await queries.auditEntries(subject: subject, before: nil, limit: shownChanges)
        let lines = changes.map { entry in
            "\(entry.action) by \(entry.actor) at \(entry.at)" + (entry.reason.map { " (\($0))" } ?? "")
        }
        let state = current == nil ? "does not exist" : "was changed since you read it"
        throw TurnoutError(
            .preconditionFailed,
            "\(subject) \(state); its last changes: \(lines.isEmpty ? "none" : lines.joined(separator: "; ")). "
                + "Read it again and look at what differs.")
    }
}
