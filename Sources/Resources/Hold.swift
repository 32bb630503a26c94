/// An override by a person or a guard that wins over git until it is released: `{by, reason, since, until}`.
package struct Hold: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case promote
        case rollback
    }

    /// Why a hold ended.
    package enum End: String, Sendable, Hashable, Codable, CaseIterable {
        /// Someone asked git's word back.
        case resumed
        /// Its time limit passed.
        case expired
        /// Git says the same as the hold.
        case caughtUp = "caught_up"
        /// A newer hold took its place.
        case replaced
    }

    package var by: String
    package var reason: String?
    package var since: Timestamp
    /// `nil`: until released.
    package var until: Timestamp?
    package var kind: Kind

    package init(by: String, reason: String?, since: Timestamp, until: Timestamp?, kind: Kind) {
        self.by = by
        self.reason = reason
        self.since = since
        self.until = until
        self.kind = kind
    }

    /// A hold past its limit has no force any more, whether or not the reconciler got to it yet.
    package func isInForce(at now: Timestamp) -> Bool {
        guard let until else { return true }
        return until > now
    }

    /// `until` and `reason` are always there, `null` where there is none, so that readers need no special case.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(by, forKey: .by)
        try container.encode(reason, forKey: .reason)
        try container.encode(since, forKey: .since)
        try container.encode(until, forKey: .until)
        try container.encode(kind, forKey: .kind)
    }

    /// `alice, "error rate doubled", until 2026-11-01T12:00:00Z`, for messages.
    package var summary: String {
        var text = by
        if let reason { text += ", \"\(reason)\"" }
        text += ", since \(Self.seconds(since))"
        if let until { text += ", until \(Self.seconds(until))" }
        return text
    }

    private static func seconds(_ moment: Timestamp) -> String { moment.description.prefix(19) + "Z" }
}
