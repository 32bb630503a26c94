import ArgumentParser
import Foundation
import Logging
import Postgres
import SoakChecks
import SoakHistory

/// Holds the history of a run, and the registry that it left, against every invariant.
@main
struct SoakCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak-check",
        abstract: "Hold a run's history and the registry that it left against every invariant.",
        discussion: """
            Exits with 0 when every invariant holds and everything happened that must have, with 1 otherwise.

            EXAMPLE
              soak-check /tmp/turnout-soak-1/history.jsonl --database-url 'postgresql://…'
            """)

    @Argument(help: "The history that soak wrote.")
    var history: String

    @Option(name: .customLong("database-url"), help: "The database of the run.")
    var databaseURL: String

    func run() async throws {
        let pool = PostgresPool(
            PostgresConfiguration(
                url: databaseURL, maximumConnections: 1, statementTimeout: .seconds(120), applicationName: "soak-check"),
            logger: Logger(label: "soak-check") { _ in SwiftLogNoOpLogHandler() })
        let record = RunRecord(
            history: try History(reading: URL(filePath: history)), facts: try await RegistryFacts.read(pool))
        await pool.shutdown()
        let verdict = Verdict(record)
        FileHandle.standardOutput.write(Data("\(verdict.text)\n".utf8))
        if !verdict.isGood { throw ExitCode.failure }
    }
}
