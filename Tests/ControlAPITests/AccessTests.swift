import ControlAPI
import ControlAPIClient
import ControlPlane
import Resources
import Testing

@Suite("Who may use the control API")
struct AccessTests {
    static let tokens = Access.tokens { token in
        guard token == "right" else { throw TurnoutError(.unauthenticated, "The token is not known here.") }
        return Caller(actor: "ci", role: .proxy)
    }

    @Test("Without a token, or with a wrong one, nothing but the server's own state is told")
    func tokensAreAsked() async throws {
        try await APIFixture.with(access: Self.tokens) { api in
            let stream = api.url + "/api/v1/proxies/p1/tables"
            let none = try await RawAnswer.of("GET", stream)
            #expect(none.status == 401)
            #expect(none.headers["www-authenticate"] == "Bearer")
            let wrong = try await RawAnswer.of("GET", stream, headers: ["Authorization": "Bearer wrong"])
            #expect(wrong.status == 401)
            let health = try await RawAnswer.of("GET", api.url + "/api/v1/healthz")
            #expect(health.status == 200)
        }
    }

    @Test("Every route but the server's own state asks for a token")
    func everyRoute() async throws {
        try await APIFixture.with(access: Self.tokens) { api in
            let own: Set = ["/api/v1/version", "/api/v1/healthz", "/api/v1/readyz", "/api/openapi.json"]
            let guarded = api.routes.filter { !own.contains($0.path) }
            #expect(guarded.count > 30)
            for route in guarded {
                let path = route.path.split(separator: "/").map { $0.hasPrefix("{") || $0.hasPrefix(":") ? "x" : $0 }
                let answer = try await RawAnswer.of(route.method, api.url + "/" + path.joined(separator: "/"))
                #expect(answer.status == 401, "\(route)")
            }
        }
    }

    @Test("A token is taken as bearer")
    func rightToken() async throws {
        try await APIFixture.with(access: Self.tokens) { api in
            let client = try APIClient(url: api.url, token: "right")
            try await client.report(.example(generation: 1))
            #expect(api.reports.all.map(\.generation) == [1])
        }
    }

    @Test("A server without tokens refuses web pages: by origin, and by a host name that is not its own")
    func browsersAreKeptOut() async throws {
        try await APIFixture.with { api in
            let url = api.url + "/api/v1/version"
            let foreign = try await RawAnswer.of("GET", url, headers: ["Origin": "http://evil.example"])
            #expect(foreign.status == 403)
            let rebound = try await RawAnswer.of("GET", url, headers: ["Host": "evil.example:8700"])
            #expect(rebound.status == 403)
            let plain = try await RawAnswer.of("GET", url)
            #expect(plain.status == 200)
        }
    }

    @Test("A client says plainly that nothing answers, and what to start")
    func unreachable() async throws {
        let client = try APIClient(url: "http://127.0.0.1:1")
        let error = await #expect(throws: ClientError.self) { try await client.serverVersion() }
        #expect(error?.code == .unreachable)
        #expect(
            error?.message
                == "cannot reach http://127.0.0.1:1: is `turnout dev` or `turnout server` running?")
    }
}

extension ProxyReport {
    static func example(generation: Int) -> ProxyReport {
        ProxyReport(
            id: "p1", incarnation: "i1", address: "127.0.0.1:8800", adminAddress: "127.0.0.1:8801",
            generation: generation, digest: "", unhealthy: [])
    }
}
