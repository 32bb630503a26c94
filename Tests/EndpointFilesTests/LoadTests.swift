import EndpointFiles
import Foundation
import Resources
import Testing

@Suite struct LoadTests {
    /// Makes a directory with the given files, and removes it when done.
    private func withDirectory(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("endpoints-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = directory.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(directory.path)
    }

    @Test("All .yaml and .yml files below a directory are read in order; hidden and other ones are not") func finds()
        throws
    {
        let files = [
            "b.yaml": document(name: "b"), "team/deep/a.yml": document(name: "a"), ".git/x.yaml": "not: ours",
            "team/.c.yaml": "not: ours", "README.md": "# hello", "d.yaml.bak": "nor: this",
        ]
        try withDirectory(files) { path in
            let result = EndpointFiles.load(path)
            #expect(result.diagnostics == [])
            #expect(result.endpoints.map(\.endpoint.name.rawValue) == ["a", "b"])
            #expect(result.endpoints.map(\.file) == ["\(path)/team/deep/a.yml", "\(path)/b.yaml"])
        }
    }

    @Test("The faults of all files are found in one pass") func allFiles() throws {
        let files = [
            "1.yaml": document(name: "one", spec: "  timeout: 5\n"), "2.yaml": "kind: [",
            "3.yaml": document(name: "three"),
            "4.yaml": document(name: "three", spec: "  nonsense: 1\n"),
        ]
        try withDirectory(files) { path in
            let result = EndpointFiles.load(path)
            #expect(result.diagnostics.map(\.code) == [.invalidValue, .invalidYAML, .duplicateEndpoint, .unknownKey])
            #expect(result.diagnostics.map(\.file) == ["1", "2", "4", "4"].map { "\(path)/\($0).yaml" })
            #expect(result.endpoints.map(\.endpoint.name.rawValue) == ["three"])
            let duplicate = try #require(result.diagnostics.first { $0.code == .duplicateEndpoint })
            #expect(duplicate.message.contains("first at \(path)/3.yaml:3"))
        }
    }

    @Test("A host belongs to one endpoint over all files") func hosts() throws {
        let files = [
            "1.yaml": document(name: "one", spec: "  hosts: [\"*\"]\n"),
            "2.yaml": document(name: "two", spec: "  hosts: [\"*\"]\n"),
        ]
        try withDirectory(files) { path in
            #expect(EndpointFiles.load(path).diagnostics.map(\.code) == [.duplicateHost])
        }
    }

    @Test("A missing path, an empty directory and what is not a file are told of") func unreadable() throws {
        #expect(EndpointFiles.load("/nonexistent/endpoints").diagnostics.map(\.code) == [.unreadable])
        try withDirectory(["README.md": ""]) { path in
            #expect(EndpointFiles.load(path).diagnostics.map(\.code) == [.noFiles])
            try FileManager.default.createSymbolicLink(atPath: "\(path)/x.yaml", withDestinationPath: "/dev/zero")
            try FileManager.default.createSymbolicLink(atPath: "\(path)/loop.yaml", withDestinationPath: path)
            try FileManager.default.createSymbolicLink(atPath: "\(path)/gone.yaml", withDestinationPath: "/nonexistent")
            #expect(EndpointFiles.load(path).diagnostics.map(\.code) == [.unreadable, .unreadable, .unreadable])
        }
    }

    @Test("A file that grew beyond the limit is refused without being read whole") func large() throws {
        try withDirectory(["x.yaml": ""]) { path in
            let handle = try #require(FileHandle(forWritingAtPath: "\(path)/x.yaml"))
            try handle.truncate(atOffset: 10 << 30)
            try handle.close()
            #expect(EndpointFiles.load(path).diagnostics.map(\.code) == [.fileTooLarge])
        }
    }

    @Test("Without an environment, {env} is a fault; without a fault, a diagnostic-free document gives its line")
    func environment() throws {
        let text = "# one\n---\n" + document().replacing("fraud-v{version}", with: "fraud.{env}")
        let without = EndpointFiles.parse(text: text, file: "x.yaml")
        #expect(without.diagnostics.map(\.code) == [.noEnvironment])
        #expect(without.diagnostics.first?.column == 28)
        let with = EndpointFiles.parse(text: text, file: "x.yaml", environment: "production")
        #expect(with.isValid)
        #expect(with.endpoints.first?.line == 3)
        #expect(with.endpoints.first?.file == "x.yaml")
    }

    @Test("Different versions behind the same backends are a warning, which hinders nothing") func sharedBackends()
        throws
    {
        let text = document(
            variants: """
                    - { name: a, model: fraud/12, traffic: 50 }
                    - { name: b, model: fraud/13, traffic: 25 }
                    - { name: c, model: fraud/12, traffic: 25 }

                """
        ).replacing("fraud-v{version}", with: "fraud")
        let result = EndpointFiles.parse(text: text, file: "x.yaml")
        #expect(result.diagnostics.map(\.code) == [.sharedBackends])
        #expect(result.diagnostics.map(\.severity) == [.warning])
        #expect(result.diagnostics.map(\.line) == [8])
        #expect(result.isValid)
        #expect(result.endpoints.count == 1)
        #expect(EndpointFiles.parse(text: text.replacing("fraud.", with: "{variant}."), file: "x").diagnostics == [])
    }

    @Test("An alias is resolved, its placeholders expanded, and its absence is the resolver's error") func resolves()
        throws
    {
        let text = document(
            variants: """
                    - { name: champion, model: fraud@champion, traffic: rest }
                    - { name: challenger, model: fraud/13, traffic: 10 }

                """)
        let declared = try #require(EndpointFiles.parse(text: text, file: "x.yaml").endpoints.first?.endpoint)
        let endpoint = try declared.resolved(environment: nil) { model, alias throws(TurnoutError) in
            #expect(alias.rawValue == "champion")
            return VersionReference(model: model, version: 12)
        }
        #expect(endpoint.spec.variants.map(\.model.description) == ["fraud/12", "fraud/13"])
        #expect(
            endpoint.spec.variants.flatMap(\.backends).map(\.description) == [
                "http://fraud-v12.internal:8080", "http://fraud-v13.internal:8080",
            ])
        #expect(throws: TurnoutError(.notFound, "no such alias")) {
            try declared.resolved(environment: nil) { _, _ throws(TurnoutError) in
                throw TurnoutError(.notFound, "no such alias")
            }
        }
    }
}
