import Foundation
import Resources
import Splitting
import Testing

@testable import ServerApp

@Suite("Routing tables of endpoint files alone")
struct StaticTableTests {
    private static func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("static-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files {
            let file = directory.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(directory.path)
    }

    private static let base = """
        apiVersion: turnout/v1
        kind: Endpoint
        metadata: { name: fraud }
        spec:
          backends: ["http://{env}.internal:80"]
          variants:
            - { name: a, model: fraud/1, traffic: rest }
            - { name: b, model: fraud/2, traffic: 10 }

        """

    @Test("An environment's overlay is in the table, and so is what {env} stands for") func overlay() throws {
        let overlay = """
            apiVersion: turnout/v1
            kind: Overlay
            metadata: { name: fraud }
            spec: { timeout: 1s }

            """
        try Self.withFiles(["fraud.yaml": Self.base, "environments/eu.yaml": overlay]) { path in
            let loaded = try StaticTable.load(path, environment: "eu")
            let route = try #require(loaded.table.routes.first)
            #expect(route.timeout.description == "1s")
            #expect(
                route.variants.flatMap(\.backends).map(\.description)
                    == Array(repeating: "http://eu.internal:80", count: 2))
            #expect(loaded.warnings.count == 1)
            #expect(
                loaded.warnings.first?.contains("fraud.yaml:8:15: warning: variant 'b' has the backends of 'a'") == true
            )
        }
    }

    @Test("An alias can't be served from files alone, and the fault shows where it stands") func alias() throws {
        let file = Self.base.replacing("fraud/2", with: "fraud@next")
        try Self.withFiles(["fraud.yaml": file]) { path in
            let fault = #expect(throws: StaticTableFault.self) { try StaticTable.load(path, environment: "eu") }
            #expect(fault?.faults.first?.hasPrefix("\(path)/fraud.yaml:8:25: error: 'fraud@next' is an alias") == true)
            #expect(fault?.faults.first?.contains("  8 |     - { name: b, model: fraud@next, traffic: 10 }\n") == true)
        }
    }
}
