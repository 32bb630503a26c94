import Glibc
import Logging
import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    /// The rules of the wire, held against a running proxy: docs/http.md.
    @Suite struct WireCorpusTests {
        static let requestFiles = ["lines.txt", "headers.txt", "framing.txt", "chunks.txt", "limits.txt"]

        @Test(
            "Every request of the corpus has its verdict, and scorers get what it says, byte for byte",
            arguments: requestFiles)
        func requests(file: String) async throws {
            let cases = try WireCase.load(file)
            let run = try WireRun()
            for one in cases { try await run.request(one, in: one.sends) }
            try await run.finish()
        }

        @Test("The verdict on a request is the same when its head comes in small pieces", arguments: requestFiles)
        func requestsInPieces(file: String) async throws {
            let cases = try WireCase.load(file)
            let run = try WireRun()
            for one in cases { try await run.request(one, in: WireRun.inPieces(one.sends)) }
            try await run.finish()
        }

        @Test("Every answer of the corpus has its verdict, and clients get what it says, byte for byte")
        func answers() async throws {
            let cases = try WireCase.load("answers.txt")
            let run = try WireRun { $0.maximumIdlePerBackend = 0 }
            for one in cases { try await run.answer(one) }
            try await run.finish()
        }

        @Test("The corpus holds at least three hundred messages, each with a name of its own")
        func size() throws {
            let cases = try (Self.requestFiles + ["answers.txt"]).flatMap { try WireCase.load($0) }
            #expect(cases.count >= 300)
            #expect(Set(cases.map(\.description)).count == cases.count)
        }
    }
}
