package import Resources

/// A moment of a run: microseconds since it began, by a clock that nobody sets.
package typealias RunMoment = Int64

/// One sending of a request and what came of it.
package struct Attempt: Sendable, Hashable, Codable {
    package enum Outcome: Sendable, Hashable, Codable {
        case ok(answer: Answer)
        /// The server said no: nothing may have changed.
        case refused(code: TurnoutError.Code, message: String)
        /// No answer, or one that leaves it open: the change may or may not have been made, or still be made.
        case unknown(message: String)

        package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
            case ok
            case fail
            case unknown
        }

        package var kind: Kind {
            switch self {
            case .ok: .ok
            case .refused: .fail
            case .unknown: .unknown
            }
        }
    }

    /// Also the actor's number: client 3 is `client-3`.
    package var client: Int
    /// Names what the client wants, over all of its attempts. It is their idempotency key, the reason in the audit log and
    /// the commit of a version that is registered.
    package var intent: String
    /// 1 for the first sending.
    package var number: Int
    /// Whether an answer had come already, and the same is sent again to see that it has no second effect.
    package var isRepeat: Bool
    /// Whether the registry held the intent's record just before the sending; absent when nobody could look.
    package var wasRecorded: Bool?
    /// Which server was asked, from 0.
    package var server: Int
    package var operation: ClientOperation
    package var sentAt: RunMoment
    package var answeredAt: RunMoment
    package var outcome: Outcome

    package init(
        client: Int, intent: String, number: Int, isRepeat: Bool, wasRecorded: Bool?, server: Int,
        operation: ClientOperation, sentAt: RunMoment, answeredAt: RunMoment, outcome: Outcome
    ) {
        self.client = client
        self.intent = intent
        self.number = number
        self.isRepeat = isRepeat
        self.wasRecorded = wasRecorded
        self.server = server
        self.operation = operation
        self.sentAt = sentAt
        self.answeredAt = answeredAt
        self.outcome = outcome
    }

    package var actor: String { "client-\(client)" }
}
