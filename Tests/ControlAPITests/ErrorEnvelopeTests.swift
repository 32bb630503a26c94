import ControlAPI
import ControlAPIClient
import ControlAPITypes
import ControlPlane
import Foundation
import Hummingbird
import Resources
import Testing

@Suite("Errors of the control API")
struct ErrorEnvelopeTests {
    @Test("An unknown route is answered in the envelope, with the request id of the header")
    func unknownRoute() async throws {
        try await APIFixture.with { api in
            let answer = try await RawAnswer.of("GET", api.url + "/api/v1/nothing-here")
            #expect(answer.status == 404)
            let envelope = try WireJSON.decoder().decode(ErrorEnvelope.self, from: Data(answer.body.utf8))
            #expect(envelope.error.code == .notFound)
            #expect(envelope.error.requestId == answer.headers["x-request-id"])
            #expect(!envelope.error.requestId.isEmpty)
        }
    }

    @Test("A known path under another method is refused in the envelope too")
    func unknownMethod() async throws {
        try await APIFixture.with { api in
            let answer = try await RawAnswer.of("DELETE", api.url + "/api/v1/version")
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "GET")
            #expect(answer.body.contains(#""code":"invalid""#))
        }
    }

    @Test("Successes carry a request id as well, each its own")
    func requestIDs() async throws {
        try await APIFixture.with { api in
            let first = try await RawAnswer.of("GET", api.url + "/api/v1/version")
            let second = try await RawAnswer.of("GET", api.url + "/api/v1/version")
            #expect(first.status == 200)
            #expect(first.headers["x-request-id"] != nil)
            #expect(first.headers["x-request-id"] != second.headers["x-request-id"])
        }
    }

    @Test("What is unavailable says when to come back, and keeps the operator's detail to itself")
    func unavailable() async throws {
        try await APIFixture.with(isReady: false) { api in
            let answer = try await RawAnswer.of("GET", api.url + "/api/v1/readyz")
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
            #expect(answer.body.contains("Not just now."))
            #expect(!answer.body.contains("operator"))
        }
    }

    @Test("A body that is not what the route takes is refused with the field's name")
    func malformedBody() async throws {
        try await APIFixture.with { api in
            let url = api.url + "/api/v1/proxies/p1/report"
            let answer = try await RawAnswer.of("POST", url, body: Data(#"{"id": "p1", "incarnation": 5}"#.utf8))
            #expect(answer.status == 400)
            #expect(answer.body.contains("incarnation"))
            let broken = try await RawAnswer.of("POST", url, body: Data("{".utf8))
            #expect(broken.status == 400)
        }
    }

    @Test("A body over the limit is refused as too large")
    func tooLarge() async throws {
        try await APIFixture.with { api in
            let answer = try await RawAnswer.of(
                "POST", api.url + "/api/v1/proxies/p1/report", body: Data(count: 9 * 1024 * 1024))
            #expect(answer.status == 413)
            #expect(answer.body.contains(#""code":"too_large""#))
        }
    }

    @Test("Every code of a domain error has a status of its kind", arguments: TurnoutError.Code.allCases)
    func everyCode(_ code: TurnoutError.Code) {
        let isServerFault = [.internal, .unavailable, .outcomeUnknown].contains(code)
        #expect(isServerFault == (code.status.code >= 500))
        #expect((400..<600).contains(code.status.code))
    }
}
