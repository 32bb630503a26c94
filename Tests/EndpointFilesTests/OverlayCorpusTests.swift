import EndpointFiles
import Foundation
import Resources
import Testing

/// Each directory of `Corpus/overlays` is read for the environment `test`; `expected` is the reviewed result.
@Suite struct OverlayCorpusTests {
    @Test(
        "Base and overlay give the reviewed fields, each with its place, or the reviewed faults",
        arguments: Corpus.overlays)
    func reviewed(_ name: String) throws {
        let result = Corpus.loadOverlay(name)
        #expect(result.isValid == !name.hasPrefix("bad_"))
        let folder = "\(Corpus.directory.path)/overlays/\(name)"
        let faults = result.diagnostics.map { "\($0)\n" }.joined()
        let text = (Self.fields(result) + faults).replacing(folder + "/", with: "").replacing(folder, with: ".")
        let expected = Corpus.directory.appendingPathComponent("overlays/\(name)/expected")
        #expect(try Corpus.matches(text, expectedAt: expected), "\(text)")
        for loaded in result.endpoints { try loaded.endpoint.validate() }
    }

    /// `fraud spec.timeout = 100ms at environments/test.yaml:5, instead of 250ms at fraud.yaml:7`
    private static func fields(_ result: LoadResult) -> String {
        var text = ""
        for name in result.endpoints.map(\.endpoint.name) {
            for field in result.origins(of: name) where field.isOverlaid {
                text += "\(name) \(field.field) = \(field.value ?? "(removed)") at \(field.file):\(field.line)"
                if let replaced = field.replaced {
                    text += ", instead of \(replaced.value) at \(replaced.file):\(replaced.line)"
                }
                text += "\n"
            }
        }
        return text
    }

    @Test("What an overlay does not name stays as the endpoint's own file has it", arguments: Corpus.overlays)
    func untouched(_ name: String) throws {
        let result = Corpus.loadOverlay(name)
        for loaded in result.endpoints {
            for field in result.origins(of: loaded.endpoint.name) where !field.isOverlaid {
                #expect(field.replaced == nil && field.value != nil && field.file == loaded.file)
            }
        }
    }
}
