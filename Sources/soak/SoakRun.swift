import ControlAPIClient
import ControlAPITypes
import Foundation
import Glibc
import Resources
import SoakHistory
import TestSupport

/// One run: an installation, clients that change it, faults, and the record of all of it.
struct SoakRun: Sendable {
    /// How many times as long as it was told a run may take for its changes; a busy machine makes few.
    private static let patience = 8

    let header: RunHeader
    let installation: Installation
    let history: HistoryWriter
    /// What `history` writes.
    let historyFile: URL
    let say: @Sendable (String) -> Void

    /// Works until the time is over, then ends every process but PostgreSQL.
    func run() async throws {
        try history.append(.header(header))
        let world = World()
        let clients = try await makeClients(world)
        let chooser = OperationChooser(
            backends: try installation.scorers.mapValues { try BackendTemplate(parsing: "http://\($0.authority)") })
        try await furnish(clients[0], chooser)
        try await installation.startProxies()
        let scorings = installation.proxies.map { proxy in
            ScoringClient(proxy: proxy.number, port: proxy.port, seed: header.seed, history: history)
        }
        for scoring in scorings { scoring.start() }
        let gate = Gate()
        let rounds = Rounds(
            installation: installation, history: history, gate: gate, faults: header.faults,
            leaveHolds: { try await leaveHolds(clients[0]) }, say: say)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for client in clients {
                group.addTask {
                    try await work(client, chooser, gate)
                    return false
                }
            }
            group.addTask {
                let start = ContinuousClock.now
                let (time, longest) = (
                    Duration.seconds(header.seconds), Duration.seconds(header.seconds * Self.patience)
                )
                try await rounds.run(seed: header.seed) {
                    let elapsed = .now - start
                    return elapsed > longest || (elapsed > time && world.changes >= header.leastChanges)
                }
                return true
            }
            // Clients end only by a fault of their own, which ends the run.
            while try await group.next() == false {}
            group.cancelAll()
        }
        for scoring in scorings { try await scoring.stop() }
        say("asking explain about answers of the past")
        try await PastAnswers(
            client: try APIClient(url: installation.servers[0].url, token: installation.adminToken),
            observer: installation.observer, history: history
        ).explain(try History(reading: historyFile), seed: header.seed)
        try await finish()
    }

    /// Clients with tokens of their own, so that each is an actor of its own.
    private func makeClients(_ world: World) async throws -> [Client] {
        let admin = try APIClient(url: installation.servers[0].url, token: installation.adminToken)
        var clients: [Client] = []
        for number in 0..<header.clients {
            let token = try await admin.createToken(TokenDraft(name: "client-\(number)", role: .admin)).secret
            clients.append(
                Client(
                    number: number, servers: try installation.servers.map { try APIClient(url: $0.url, token: token) },
                    history: history, observer: installation.observer, world: world))
        }
        return clients
    }

    /// What the first operations can name: models with versions, aliases and endpoints.
    private func furnish(_ client: Client, _ chooser: OperationChooser) async throws {
        var generator = SeededGenerator(seed: header.seed, stream: 999)
        var operations: [ClientOperation] = []
        for model in OperationChooser.models {
            operations += [.createModel(model: model), .registerVersion(model: model), .registerVersion(model: model)]
            operations.append(
                .setAlias(model: model, alias: OperationChooser.aliases[0], version: 1, expected: nil))
        }
        let versions = OperationChooser.models.prefix(OperationChooser.variants.count).map {
            VersionSelector.version(VersionReference(model: $0, version: 1))
        }
        let shares = [8000, 1500, 500].compactMap(Share.init(buckets:))
        let intents = (0...operations.count + 1).map { "run\(header.seed)-furnishing-\($0)" }
        operations.append(
            .apply(
                request: ApplyRequest(
                    endpoints: OperationChooser.endpoints.map {
                        chooser.endpoint($0, versions: versions, shares: shares)
                    }, reason: intents[operations.count])))
        operations.append(
            .apply(
                request: chooser.passing(
                    OperationChooser.passing, versions: versions, shares: shares, reason: intents[operations.count])))
        for (operation, intent) in zip(operations, intents) {
            try await client.perform(operation, intent: intent, using: &generator)
        }
    }

    /// Promotes a variant of every endpoint for two seconds, in whoever's place.
    private func leaveHolds(_ client: Client) async throws {
        var generator = SeededGenerator(seed: header.seed, stream: 998)
        for (number, endpoint) in OperationChooser.endpoints.enumerated() {
            let intent = "run\(header.seed)-leaving-\(number)"
            let request = PromoteRequest(
                variant: OperationChooser.variants[0], holdFor: .seconds(2), reason: intent, takeOver: true)
            try await client.perform(
                .promote(endpoint: endpoint, request: request), intent: intent, using: &generator)
        }
    }

    /// Asks for one thing after the other until cancelled.
    private func work(_ client: Client, _ chooser: OperationChooser, _ gate: Gate) async throws {
        var generator = SeededGenerator(seed: header.seed, stream: UInt64(client.number) + 1)
        var count = 0
        while !Task.isCancelled {
            try await gate.pass {
                count += 1
                let intent = "run\(header.seed)-client\(client.number)-\(count)"
                let operation = chooser.next(client.world.known, reason: intent, using: &generator)
                client.world.count(operation)
                try await client.perform(operation, intent: intent, using: &generator)
            }
        }
    }

    private func finish() async throws {
        let endedOrderly = try await installation.stopTurnout()
        let failures = try count(["could not serialize access", "deadlock detected"], in: installation.postgresLog)
        let refused = try installation.servers.reduce(0) { sum, server in
            sum + (try count(["has gone to another holder"], in: server.log))
        }
        try history.append(
            .evidence(
                RunEvidence(
                    serializationFailures: failures, staleLeadersRefused: refused, endedOrderly: endedOrderly)))
    }

    /// How many lines of a log hold one of these texts.
    private func count(_ texts: [String], in log: URL) throws -> Int {
        try String(decoding: Data(contentsOf: log), as: UTF8.self).split(separator: "\n")
            .count { line in texts.contains(where: line.contains) }
    }
}
