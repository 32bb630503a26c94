internal import Digests
package import RegistryStore
package import Resources

extension ControlPlane {
    /// How long an answer is remembered; a request sent again later is a new one.
    package static let answerRetention = Duration.seconds(7 * 24 * 3600)

    /// Runs `body` once for a key, however often the caller sends the request: the answer is stored in the transaction
    /// of the change, so that either both exist or neither. Call it right after authorising, inside the transaction.
    ///
    /// - Parameters:
    ///   - key: `nil` runs `body` each time.
    ///   - operation: tells requests of different use cases apart: `version.register`.
    ///   - request: what the caller asked for.
    /// - Throws: `conflict` when the key was used for another request.
    package func once<Answer: Codable>(
        _ transaction: RegistryTransaction, _ caller: Caller, key: IdempotencyKey?, operation: String,
        request: some Encodable, _ body: () async throws -> Answer
    ) async throws -> Answer {
        guard let key else { return try await body() }
        let digest = SHA256Digest.hash("\(operation) \(try CanonicalJSON.text(request))").hex
        if let recorded = try await transaction.recordedAnswer(to: key, by: caller.actor) {
            guard recorded.requestDigest == digest else {
                throw TurnoutError(
                    .conflict,
                    "The idempotency key '\(key)' was used for another request; take a new key for each change.")
            }
            return try CanonicalJSON.decode(recorded.response)
        }
        let answer = try await body()
        try await transaction.recordAnswer(
            to: key, by: caller.actor, requestDigest: digest, response: try CanonicalJSON.text(answer), at: now())
        // Whoever adds a record takes old ones away; no clock of its own is needed for that.
        try await transaction.forgetAnswers(before: now().advanced(by: .zero - Self.answerRetention))
        return answer
    }

    /// Makes a change of the registry in one transaction, once for a key.
    ///
    /// - Parameters:
    ///   - operation: verb and subject: `model.delete fraud`.
    ///   - request: all that the caller asked for besides.
    func write<Answer: Codable>(
        _ caller: Caller, _ key: IdempotencyKey?, _ operation: String, _ request: some Encodable,
        _ body: (RegistryTransaction) async throws -> Answer
    ) async throws -> Answer {
        try await store.transaction { transaction in
            try await once(transaction, caller, key: key, operation: operation, request: request) {
                try await body(transaction)
            }
        }
    }
}

/// What a change of the registry was asked with, so that a key is bound to all of it.
struct Asked<Body: Encodable>: Encodable {
    let body: Body
    let reason: String?
    let precondition: [String]?

    init(_ body: Body, _ reason: String?, _ precondition: Precondition = .none) {
        self.body = body
        self.reason = reason
        self.precondition = precondition.words
    }
}
