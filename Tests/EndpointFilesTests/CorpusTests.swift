import EndpointFiles
import Foundation
import Resources
import Testing

@Suite struct CorpusTests {
    @Test("The corpus is not empty") func corpusIsThere() {
        #expect(Corpus.names(.good).count >= 25)
        #expect(Corpus.names(.bad).count >= 70)
    }

    @Test("A good file gives its endpoints, defaults filled in, and no diagnostic", arguments: Corpus.names(.good))
    func goodFile(_ name: String) throws {
        let result = Corpus.load(.good, name)
        #expect(result.diagnostics.map(\.description) == [])
        #expect(result.isValid)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(result.endpoints.map(\.endpoint)), as: UTF8.self) + "\n"
        let expected = Corpus.directory.appendingPathComponent("good/\(name).expected")
        #expect(try Corpus.matches(text, expectedAt: expected), "\(text)")
        let decoded = try JSONDecoder().decode([DeclaredEndpoint].self, from: Data(text.utf8))
        #expect(decoded == result.endpoints.map(\.endpoint))
        for endpoint in decoded { try endpoint.validate() }
    }

    @Test("A bad file gives the reviewed diagnostics", arguments: Corpus.names(.bad))
    func badFile(_ name: String) throws {
        let result = Corpus.load(.bad, name)
        #expect(!result.isValid)
        let expected = Corpus.directory.appendingPathComponent("bad/\(name).expected")
        let text = Corpus.snapshot(result)
        #expect(try Corpus.matches(text, expectedAt: expected), "\(text)")
    }

    @Test("A diagnostic survives its JSON form", arguments: Corpus.names(.bad))
    func diagnosticIsCodable(_ name: String) throws {
        let diagnostics = Corpus.load(.bad, name).diagnostics
        let data = try JSONEncoder().encode(diagnostics)
        #expect(try JSONDecoder().decode([Diagnostic].self, from: data) == diagnostics)
    }
}
