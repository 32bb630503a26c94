import Foundation
import Resources
import Testing

@testable import EndpointFiles

/// Holds `docs/endpoint-file.md` against the parser's own tables.
@Suite struct ReferenceTests {
    private static func reference() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/endpoint-file.md"), encoding: .utf8)
    }

    /// The words in backquotes that begin the rows of the table below a heading.
    private static func rows(below heading: String) throws -> [String] {
        let lines = try reference().split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasSuffix("# \(heading)") })
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return section.compactMap { line in
            guard line.hasPrefix("| `") else { return nil }
            return line.dropFirst(3).split(separator: "`").first.map(String.init)
        }
    }

    @Test("The reference lists exactly the keys that the parser takes") func keys() throws {
        let taken = KeyTable.all.flatMap { table in table.keys.map { table.path(of: $0) } }
        #expect(try Self.rows(below: "Keys").sorted() == taken.sorted())
        #expect(try Self.rows(below: "Overlays") == KeyTable.overlayVariant.keys.map { KeyTable.variant.path(of: $0) })
    }

    @Test("The reference lists exactly the keys that are not supported yet") func notYet() throws {
        let refused = KeyTable.all.flatMap { table in table.notSupportedYet.map { table.path(of: $0) } }
        #expect(try Self.rows(below: "Not supported yet").sorted() == refused.sorted())
    }

    @Test("The reference says of exactly the required keys that they are required") func required() throws {
        let lines = try Self.reference().split(separator: "\n")
        let said = try Self.rows(below: "Keys").filter { key in
            lines.contains {
                $0.hasPrefix("| `\(key)` |") && ($0.hasSuffix("| required |") || $0.contains("| required in"))
            }
        }
        let required = KeyTable.all.flatMap { table in table.required.map { table.path(of: $0) } }
        #expect(said.sorted() == required.sorted())
    }

    @Test("The reference lists exactly the codes and placeholders that there are") func codes() throws {
        #expect(try Self.rows(below: "Faults") == DiagnosticCode.allCases.map(\.rawValue))
        #expect(
            try Self.rows(below: "Backends") == BackendTemplate.Placeholder.allCases.map { "{\($0.rawValue)}" })
    }

    @Test("Every code is told by some bad file or by another test") func codesAreTold() {
        let loads = Corpus.names(.bad).map { Corpus.load(.bad, $0) } + Corpus.overlays.map(Corpus.loadOverlay)
        let told = Set(loads.flatMap { $0.diagnostics.map(\.code) })
        let elsewhere: Set<DiagnosticCode> = [
            .deletedVersion, .fileTooLarge, .noEndpoint, .noEnvironment, .noFiles, .tooManyFaults, .tooManyNodes,
            .unknownAlias, .unknownModel, .unknownVersion, .unreadable,
        ]
        #expect(told.isDisjoint(with: elsewhere))
        #expect(told.union(elsewhere) == Set(DiagnosticCode.allCases))
    }

    @Test("Every key stands in the reference with the words and the default that the schema has") func words() throws {
        let lines = Set(try Self.reference().split(separator: "\n").map(String.init))
        for table in KeyTable.all + [.overlayVariant] {
            for key in table.entries {
                let fallback = key.fallback.isEmpty ? "" : " \(key.fallback)"
                let row = "| `\(table.path(of: key.name))` | \(key.description) |\(fallback) |"
                #expect(lines.contains(row), "\(row)")
            }
        }
    }

    @Test("Every example in the reference is what the parser takes or says") func examples() throws {
        let blocks = try Self.reference().components(separatedBy: "```").filter { $0.hasPrefix("yaml\n") }
            .map { String($0.dropFirst(5)) }
        #expect(blocks.count == 2)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reference-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let environments = folder.appendingPathComponent("environments")
        try FileManager.default.createDirectory(at: environments, withIntermediateDirectories: true)
        for block in blocks {
            let file = block.contains("kind: Overlay") ? "environments/production.yaml" : "fraud.yaml"
            try block.write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
        }
        let result = EndpointFiles.load(folder.path, environment: "production")
        #expect(result.diagnostics == [])
        let fraud = try #require(result.endpoints.first?.endpoint)
        #expect(result.isOverlaid(fraud.name))
        #expect(fraud.spec.variants.map(\.traffic.description) == ["96.5", "2.5", "1"])
        let faults = try Self.reference().components(separatedBy: "```")
        let fault = try #require(faults.first { $0.contains("error: unknown key") })
        let text = document(variants: "\n\n    - { name: champion, model: fraud/12, trafic: rest }\n")
        let told = EndpointFiles.parse(text: text, file: "endpoints/fraud.yaml").diagnostics
        #expect(told.map(\.description) == [fault.trimmingCharacters(in: .newlines)])
    }

    @Test("Every default in the reference is the one that the values have") func defaults() throws {
        let result = EndpointFiles.parse(text: document(spec: "  health: { path: / }\n"), file: "x.yaml")
        let spec = try #require(result.endpoints.first?.endpoint.spec)
        let values = [
            "spec.timeout": spec.timeout.description, "spec.retry.attempts": "\(spec.retry.attempts)",
            "spec.retry.on": "[\(spec.retry.on.map(\.rawValue).joined(separator: ", "))]",
            "spec.retry.budget": "\(spec.retry.budget)%", "spec.health.every": spec.health?.every.description,
            "spec.health.timeout": spec.health?.timeout.description,
            "spec.health.unhealthyAfter": spec.health.map { "\($0.unhealthyAfter)" },
        ]
        let lines = try Self.reference().split(separator: "\n")
        for (key, value) in values {
            let line = try #require(lines.first { $0.hasPrefix("| `\(key)` |") })
            #expect(line.hasSuffix("| `\(value ?? "")` |"), "\(line)")
        }
    }
}
