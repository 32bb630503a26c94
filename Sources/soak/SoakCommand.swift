import ArgumentParser
import Foundation
import SoakHistory
import TestSupport

/// Changes an installation from many sides while it is being hurt, and has what came of it checked.
@main
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Change an installation from many sides while it is being hurt, and check what came of it.",
        discussion: """
            Starts PostgreSQL, servers, proxies and scorers of its own, and ends them. The history and the logs are kept \
            when a check fails, or with --keep.

            EXAMPLES
              soak                                        75 seconds of every fault, seed 1
              soak --seed 7 --seconds 20
              soak --fault cutAfterCommit --fault killServer
              soak --turnout PATH                         another build of turnout
            """)

    @Option(help: "Decides what clients ask for and which faults are made in which order.")
    var seed: UInt64 = 1

    @Option(help: "How long to go on, at least; every fault has its turn even so.")
    var seconds = 75

    @Option(help: "How many clients ask at once.")
    var clients = 16

    @Option(help: "How many changes to ask for, at least; a run that can't in eight times its time has failed.")
    var changes = 2000

    @Option(name: .customLong("fault"), help: "Make only these faults (repeatable; default all).")
    var faults: [FaultKind] = []

    @Option(help: "The turnout program to run (default: the one of this build).")
    var turnout: String?

    @Flag(help: "Keep the history and the logs.")
    var keep = false

    func run() async throws {
        let directory = URL(filePath: "/tmp/turnout-soak-\(UUID().uuidString.prefix(8).lowercased())")
        // PostgreSQL refuses to run as root and then runs as another user, who must be able to pass.
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let isGood = try await run(in: directory)
        if isGood && !keep {
            try FileManager.default.removeItem(at: directory)
        } else {
            Self.say("kept: \(directory.path)")
        }
        if !isGood { throw ExitCode.failure }
    }

    /// - Returns: whether everything held.
    private func run(in directory: URL) async throws -> Bool {
        let installation = try await Installation(
            directory: directory, servers: 2, proxies: 2, executable: turnout.map { URL(filePath: $0) })
        var wanted = faults.isEmpty ? FaultKind.allCases : faults
        if installation.clock == nil, wanted.contains(.clockJump) {
            Self.say("skipped: clockJump, since libfaketime is not installed (apt-get install libfaketime)")
            wanted.removeAll { $0 == .clockJump }
        }
        let header = RunHeader(
            seed: seed, seconds: seconds, clients: clients, servers: 2, proxies: 2, faults: wanted,
            leastChanges: changes)
        Self.say("seed \(seed): \(clients) clients, 2 servers, 2 proxies; PostgreSQL on \(installation.disk.kind)")
        let file = directory.appending(path: "history.jsonl")
        do {
            try await SoakRun(
                header: header, installation: installation, history: try HistoryWriter(file), historyFile: file,
                say: Self.say
            ).run()
            let isGood = try check(file, installation.databaseURL)
            await installation.remove()
            return isGood
        } catch {
            Self.say("the run could not be finished: \(error)")
            await installation.remove()
            return false
        }
    }

    @Sendable private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// Runs the checker, a program of its own, which says what it found.
    private func check(_ history: URL, _ databaseURL: String) throws -> Bool {
        let checker = Process()
        checker.executableURL = try TurnoutProcess.executable().deletingLastPathComponent()
            .appending(path: "soak-check")
        checker.arguments = [history.path, "--database-url", databaseURL]
        try checker.run()
        checker.waitUntilExit()
        return checker.terminationStatus == 0
    }
}

extension FaultKind: ExpressibleByArgument {}
