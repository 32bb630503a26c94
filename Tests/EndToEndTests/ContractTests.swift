import Foundation
import TestSupport
import Testing

/// What stands between the API and its document, looked for by a program that knows the document alone.
@Suite("The control API beside its OpenAPI document", .timeLimit(.minutes(10)))
struct ContractTests {
    /// Made from the document and this seed, the same requests every time.
    private static let seed = "1"

    /// Schemathesis holds every answer against all that it can, save for these.
    private static let excluded: [(check: String, reason: String)] = [
        (
            "positive_data_acceptance",
            """
            rules that no schema holds: if-match names what was read last, a digest is that of the bytes sent, a version \
            is registered before an endpoint uses it, a tag is not set and removed at once, a moment to explain is past
            """
        )
    ]

    /// What no request is made for.
    private static let left: [(operation: String, reason: String)] = [
        ("followTables", "its answer is a stream that ends only with the proxy that reads it"),
        (
            "revokeToken",
            "it would end the token that asks, whose id listTokens tells; it has a run of its own, the last"
        ),
    ]

    @Test("schemathesis finds no answer that the document doesn't promise, and no request taken that it forbids")
    func holds() async throws {
        let program = Self.repository.appending(path: ".venv-contract/bin/schemathesis")
        try #require(
            FileManager.default.isExecutableFile(atPath: program.path), "no schemathesis: run .ci/setup contract")
        try await Fleet.with { fleet in
            let server = try fleet.startServer()
            try await fleet.serverIsReady(server)
            try await Self.fillWithExamples(fleet)
            let said = try await Self.run(
                program, fleet, "most", Self.left.flatMap { ["--exclude-operation-id", $0.operation] })
            // Without this, a token that is no longer good would make every check pass.
            #expect(!said.contains("Authentication failed"), "\(said)")
            _ = try await Self.run(program, fleet, "revoke", ["--include-operation-id", "revokeToken"])
            #expect(server.isRunning)
        }
    }

    /// - Returns: what it said.
    private static func run(
        _ program: URL, _ fleet: Fleet, _ name: String, _ operations: [String]
    ) async throws -> String {
        let run = try TurnoutProcess(
            // It leaves a directory of its own where it runs.
            [
                "-C", fleet.scratch.directory.path, program.path, "run", "\(fleet.controlURL)/api/openapi.json",
                "--header", "Authorization: Bearer \(fleet.token)",
                "--seed", seed, "--checks", "all", "--continue-on-failure", "--no-shrink",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--generation-database", "none",
            ] + operations + excluded.flatMap { ["--exclude-checks", $0.check] },
            executable: URL(filePath: "/usr/bin/env"), environment: ["PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"],
            outputFile: fleet.scratch.file("\(name).log"))
        let exit = try await run.waitForExit(within: .seconds(420))
        #expect(exit == 0, "\(run.output())")
        return run.output()
    }

    /// What the document's examples speak of, so that they are answered with more than that it isn't there.
    private static func fillWithExamples(_ fleet: Fleet) async throws {
        let ada = fleet.user()
        try await ada.run("model", "create", "fraud")
        for _ in 0..<3 { try await ada.run("version", "register", "fraud") }
        try await ada.run("alias", "set", "fraud@champion", "1")
        try fleet.scratch.write(
            endpointFile(champion: "127.0.0.1:9", challenger: "127.0.0.1:9", traffic: "10"), to: "fraud.yaml")
        try await ada.run("apply", fleet.scratch.endpoints)
    }

    private static var repository: URL {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { directory.deleteLastPathComponent() }
        return directory
    }
}
