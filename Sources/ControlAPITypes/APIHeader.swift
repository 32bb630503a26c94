/// Header names of the control API.
package enum APIHeader {
    /// On every answer; names it in the server's log.
    package static let requestID = "x-request-id"
    /// Who asks, where the server asks for no token: `turnout dev` on loopback.
    package static let actor = "x-turnout-actor"
    /// Names one intent: a request that is sent again with the same key has no second effect.
    package static let idempotencyKey = "idempotency-key"
}
