internal import Digests
internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Makes a token. The answer alone holds its secret; the registry keeps a hash.
    ///
    /// - Parameters:
    ///   - lifetime: `nil` for ever.
    ///   - key: sending the request again makes no second token, but can't show the first one's secret again either.
    /// - Throws: `alreadyExists`, naming the token that the same request made before.
    package func createToken(
        name: String, role: Role, lifetime: Interval?, key: IdempotencyKey? = nil, reason: String? = nil,
        by caller: Caller
    ) async throws -> CreatedToken {
        try caller.authorize(.admin)
        try DraftChecks.label(name, "token's name")
        let secret = TokenSecret.random()
        let moment = now()
        let token = ApiToken(
            id: secret.id, name: name, role: role, createdAt: moment, createdBy: caller.actor,
            expiresAt: lifetime.map { moment.advanced(by: $0.duration) })
        let asked = Asked([name, role.rawValue, lifetime?.description], reason)
        let made = try await write(caller, key, "token.create", asked) { transaction in
            try await transaction.insertToken(token, hash: secret.hash.bytes)
            try await appendAudit(
                transaction, caller, action: "token.create", subject: "token:\(token.id)", reason: reason, detail: token
            )
            return token
        }
        guard made.id == token.id else {
            throw TurnoutError(
                .alreadyExists,
                "This request made the token \(made.id) before, and its secret was shown only then. "
                    + "Revoke that one, and make another with a new key.")
        }
        return CreatedToken(secret: secret.text, token: token)
    }

    /// Tokens, revoked and expired ones included, in the order of their ids.
    package func tokens(_ page: PageRequest, by caller: Caller) async throws -> Page<ApiToken> {
        try caller.authorize(.admin)
        return Page(try await store.tokens(after: page.cursor, limit: page.limit + 1), of: page, position: \.id)
    }

    /// Ends a token at once. Ending it again changes nothing.
    package func revokeToken(
        _ id: String, key: IdempotencyKey? = nil, reason: String? = nil, by caller: Caller
    ) async throws -> ApiToken {
        try caller.authorize(.admin)
        return try await write(caller, key, "token.revoke \(id)", Asked(NoDetail(), reason)) { transaction in
            guard try await transaction.token(id) != nil else {
                throw TurnoutError(.notFound, "There is no token '\(id)'.")
            }
            if try await transaction.revokeToken(id, at: now(), by: caller.actor) {
                try await appendAudit(
                    transaction, caller, action: "token.revoke", subject: "token:\(id)", reason: reason)
            }
            guard let revoked = try await transaction.token(id)?.token else {
                throw TurnoutError(.notFound, "There is no token '\(id)'.")
            }
            return revoked
        }
    }

    /// Says whose a token is. Called for every request of the control API.
    /// - Throws: `unauthenticated`.
    package func authenticate(_ text: String) async throws -> Caller {
        let refusal = TurnoutError(
            .unauthenticated, "The token is not known here: 'turnout token list' shows those that are.")
        guard let secret = TokenSecret(parsing: text), let found = try await store.token(secret.id),
            SecureBytes.areEqual(found.hash, secret.hash.bytes)
        else { throw refusal }
        // From here on the caller has shown to hold the token, and may know what became of it.
        if let revokedAt = found.token.revokedAt {
            throw TurnoutError(.unauthenticated, "The token was revoked at \(revokedAt).")
        }
        if let expiresAt = found.token.expiresAt, expiresAt <= now() {
            throw TurnoutError(.unauthenticated, "The token expired at \(expiresAt).")
        }
        return Caller(actor: found.token.name, role: found.token.role)
    }

    /// Whether anyone could authenticate just now; a server that is to listen to others must know.
    package func hasUsableToken() async throws -> Bool { try await store.hasUsableToken(at: now()) }
}
