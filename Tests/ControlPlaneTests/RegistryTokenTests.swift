import ControlPlane
import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct RegistryTokenTests {
    @Test("Whoever shows a token is whom it was made for, in its role")
    func authenticate() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            #expect(try await !plane.hasUsableToken())
            let created = try await plane.createToken(
                name: "ci", role: .operator, lifetime: nil, by: RegistryFixture.admin)
            #expect(created.secret.hasPrefix("tko_\(created.token.id)_"))
            #expect(try await plane.authenticate(created.secret) == Caller(actor: "ci", role: .operator))
            #expect(try await plane.hasUsableToken())
        }
    }

    @Test("What is not a token's whole text opens nothing")
    func wrongSecrets() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let created = try await plane.createToken(
                name: "ci", role: .admin, lifetime: nil, by: RegistryFixture.admin)
            let last = created.secret.last == "0" ? "1" : "0"
            let wrong = [
                "", "tko_", created.token.id, String(created.secret.dropLast()), created.secret.dropLast() + last,
                created.secret + "0", created.secret.uppercased(), " " + created.secret, created.secret + "\0",
                "tko_000000000000_" + String(repeating: "0", count: 64), "tko_' OR 1=1 --",
            ]
            for secret in wrong {
                #expect(try await refusal { _ = try await plane.authenticate(secret) }?.code == .unauthenticated)
            }
        }
    }

    @Test("A token ends when it is revoked, and when its time is over")
    func ends() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let revoked = try await plane.createToken(
                name: "a", role: .viewer, lifetime: nil, by: RegistryFixture.admin)
            let brief = try await plane.createToken(
                name: "b", role: .viewer, lifetime: .seconds(60), by: RegistryFixture.admin)
            _ = try await plane.revokeToken(revoked.token.id, reason: "left", by: RegistryFixture.admin)
            let again = try await plane.revokeToken(revoked.token.id, by: RegistryFixture.admin)
            #expect(again.revokedBy == "ada")
            #expect(
                try await refusal { _ = try await plane.authenticate(revoked.secret) }?.message.contains("revoked")
                    == true)
            #expect(try await plane.authenticate(brief.secret).actor == "b")
            fixture.clock.advance(by: .seconds(60))
            #expect(
                try await refusal { _ = try await plane.authenticate(brief.secret) }?.message.contains("expired")
                    == true)
            #expect(try await !plane.hasUsableToken())
            #expect(try await plane.tokens(PageRequest(), by: RegistryFixture.admin).items.count == 2)
        }
    }

    @Test("A token's secret is in no column of the database")
    func hashedAtRest() async throws {
        try await RegistryFixture.with { fixture in
            let created = try await fixture.controlPlane.createToken(
                name: "ci", role: .admin, lifetime: nil, by: RegistryFixture.admin)
            let secret = String(created.secret.suffix(64))
            let rows = try await fixture.database.pool.query(
                """
                SELECT count(*) AS hits FROM (SELECT t::text AS line FROM api_token t
                    UNION ALL SELECT a::text FROM audit_entry a UNION ALL SELECT k::text FROM idempotency_key k) AS all_rows
                WHERE position($1 in line) > 0 OR position('ci' in line) = 0
                """, [secret])
            #expect(try rows.first?.decode("hits", as: Int.self) == 0)
        }
    }
}
