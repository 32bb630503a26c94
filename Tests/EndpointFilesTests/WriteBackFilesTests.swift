import Foundation
import Resources
import Testing

@testable import EndpointFiles

@Suite("Writing a split back into files with overlays") struct WriteBackFilesTests {
    private static let base = document(
        variants: """
                - { name: champion, model: fraud/12, traffic: rest }
                - { name: challenger, model: fraud/13, traffic: 10 }   # since May

            """)

    private static func overlay(_ variants: String) -> String {
        """
        # Careful here.
        apiVersion: turnout/v1
        kind: Overlay
        metadata: { name: fraud }
        spec:
          variants:
        \(variants)

        """
    }

    private static func withFiles(_ files: [String: String], _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("write-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(folder)
    }

    private static func edit(
        _ path: String, _ shares: [String: Int], environment: String? = nil
    ) throws -> SplitEdit {
        var wanted: [VariantName: Share] = [:]
        for (name, share) in shares {
            let buckets: Share = try #require(Share(buckets: share * 100))
            wanted[try VariantName(validating: name)] = buckets
        }
        let edit = try WriteBack.setTraffic(
            at: path, endpoint: EndpointName(validating: "fraud"), shares: wanted, environment: environment)
        for file in edit.files { try file.write() }
        return edit
    }

    @Test("A share that the overlay sets is edited there, and nowhere else") func overlayWins() throws {
        let production = Self.overlay("    - { name: challenger, traffic: '2.5%' }   # careful")
        try Self.withFiles(["fraud.yaml": Self.base, "environments/production.yaml": production]) { folder in
            let edit = try Self.edit(
                folder.path, ["champion": 75, "challenger": 25], environment: "production")
            let line = try #require(edit.files.first?.lines.first)
            #expect(edit.files.count == 1 && edit.files.first?.lines.count == 1)
            #expect(line.file == folder.path + "/environments/production.yaml" && line.line == 7)
            #expect(line.variant.rawValue == "challenger" && line.before == "2.5%" && line.after == "25%")
            #expect(edit.alsoChanges.isEmpty)
            let text = try String(contentsOfFile: line.file, encoding: .utf8)
            #expect(text == production.replacing("2.5%", with: "25%"))
            #expect(try String(contentsOf: folder.appendingPathComponent("fraud.yaml"), encoding: .utf8) == Self.base)
            #expect(
                try Self.edit(folder.path, ["champion": 75, "challenger": 25], environment: "production").files
                    .isEmpty)
        }
    }

    @Test(
        "A share that no overlay sets is edited in the endpoint's own file, and the environments that read it are told")
    func sharedLine() throws {
        let files = [
            "fraud.yaml": Self.base, "environments/production.yaml": "# as it is\n",
            "environments/staging.yaml": "# as it is\n",
            "environments/test.yaml": Self.overlay("    - { name: challenger, traffic: 50 }"),
        ]
        try Self.withFiles(files) { folder in
            // One file has the environments beside it.
            let edit = try Self.edit(
                folder.path + "/fraud.yaml", ["champion": 0, "challenger": 100], environment: "production")
            #expect(edit.files.map(\.file) == [folder.path + "/fraud.yaml"])
            #expect(edit.alsoChanges == ["staging"])
        }
    }

    @Test("An edit that would leave another environment with a fault is refused, and nothing is written")
    func breaksAnother() throws {
        let fixed = Self.base.replacing("traffic: rest", with: "traffic: 90")
        let files = [
            "fraud.yaml": fixed, "environments/production.yaml": "# as it is\n",
            "environments/test.yaml": Self.overlay(
                "    - { name: challenger, traffic: 5 }\n    - { name: third, model: fraud/1, traffic: 5 }"),
        ]
        try Self.withFiles(files) { folder in
            let error = #expect(throws: TurnoutError.self) {
                _ = try Self.edit(folder.path, ["champion": 0, "challenger": 100], environment: "production")
            }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("the environment 'test' reads too") == true)
            #expect(
                error?.message.contains("Let the overlay of 'production' set the traffic of every variant") == true)
            let now = try String(contentsOf: folder.appendingPathComponent("fraud.yaml"), encoding: .utf8)
            #expect(now == fixed)
        }
    }

    @Test("A file keeps its permissions and byte order mark, and a link stays one") func keepsTheFile() throws {
        try Self.withFiles(["real/fraud.yaml": "\u{feff}" + Self.base]) { folder in
            let real = folder.appendingPathComponent("real/fraud.yaml")
            let link = folder.appendingPathComponent("fraud.yaml")
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: real.path)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
            _ = try Self.edit(link.path, ["champion": 0, "challenger": 100])
            let edited = ("\u{feff}" + Self.base).replacing("traffic: 10", with: "traffic: 100")
            #expect(try Data(contentsOf: real) == Data(edited.utf8))
            let attributes = try FileManager.default.attributesOfItem(atPath: real.path)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == real.path)
        }
    }

    @Test("A file that someone else changed meanwhile is not overwritten") func changedMeanwhile() throws {
        try Self.withFiles(["fraud.yaml": Self.base]) { folder in
            let file = folder.appendingPathComponent("fraud.yaml")
            let edit = try WriteBack.setTraffic(
                at: file.path, endpoint: EndpointName(validating: "fraud"),
                shares: [VariantName(validating: "champion"): .zero, VariantName(validating: "challenger"): .all])
            try Data("# mine\n".utf8).write(to: file)
            let change = try #require(edit.files.first)
            #expect(throws: TurnoutError.self) { try change.write() }
            #expect(try String(contentsOf: file, encoding: .utf8) == "# mine\n")
        }
    }

    @Test(
        "Any split can be brought into any good directory with overlays, or is refused; only lines with traffic differ",
        arguments: Corpus.overlays.filter { !$0.hasPrefix("bad_") })
    func anySplit(_ name: String) throws {
        let source = Corpus.directory.appendingPathComponent("overlays/\(name)")
        let loaded = EndpointFiles.load(source.path, environment: "test")
        var generator = SeededGenerator(seed: 11)
        for endpoint in loaded.endpoints.map(\.endpoint) {
            for _ in 0..<8 {
                let shares = WriteBackTests.split(of: endpoint, &generator)
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent("w-\(UUID().uuidString)")
                try FileManager.default.copyItem(at: source, to: folder)
                defer { try? FileManager.default.removeItem(at: folder) }
                let edit: SplitEdit
                do {
                    edit = try WriteBack.setTraffic(
                        at: folder.path, endpoint: endpoint.name, shares: shares, environment: "test")
                } catch {
                    #expect(error.code == .conflict)
                    continue
                }
                for file in edit.files {
                    let before = try String(contentsOfFile: file.file, encoding: .utf8).split(
                        separator: "\n", omittingEmptySubsequences: false)
                    try file.write()
                    let after = try String(contentsOfFile: file.file, encoding: .utf8).split(
                        separator: "\n", omittingEmptySubsequences: false)
                    #expect(before.count == after.count)
                    let changed = zip(before, after).enumerated().filter { $1.0 != $1.1 }
                    #expect(changed.allSatisfy { $1.0.contains("traffic") })
                    #expect(Set(changed.map { $0.offset + 1 }) == Set(file.lines.map(\.line)))
                }
                let result = EndpointFiles.load(folder.path, environment: "test")
                let now = try #require(result.endpoints.first { $0.endpoint.name == endpoint.name }?.endpoint)
                #expect(Dictionary(uniqueKeysWithValues: now.spec.variants.map { ($0.name, $0.traffic) }) == shares)
            }
        }
    }
}
