import Glibc
import Postgres
import SoakHistory
import TestSupport

/// Makes faults, and says how each is healed.
struct FaultInjector: Sendable {
    typealias Healing = @Sendable () async throws -> Void

    /// How long a trap waits for the statement that springs it.
    private static let trapLimit = Duration.seconds(2)
    private static let contention = Duration.milliseconds(1500)
    /// A lease's time, and room for its next holder to act.
    private static let takeoverLimit = Duration.seconds(15)
    private static let proxyLimit = Duration.seconds(30)
    /// For a proxy that only has to read its own disk.
    private static let diskStartLimit = Duration.seconds(10)
    /// Shorter than any request may take.
    private static let proxyPauses = 200...1500
    private static let jumps = [-3600, -30, 30, 3600]

    let installation: Installation
    let history: HistoryWriter

    /// Makes a fault, and records it once it had its effect.
    /// - Returns: what ends it; it lasts until then. `nil` when it is over already, or found nobody to hit.
    func make(_ fault: FaultKind, using generator: inout SeededGenerator) async throws -> Healing? {
        let server = somebody(installation.servers, using: &generator)
        switch fault {
        case .contention: return try await contend()
        case .cutConnections:
            if server.relay.cutAll() > 0 { try note(fault, server.relay.name) }
            return nil
        case .cutBeforeCommit: return try await trap(fault, .cutBefore, server)
        case .cutAfterCommit: return try await trap(fault, .cutAfter, server)
        case .killBackendAtCommit: return try await trap(fault, .killBackend, server)
        case .terminateSessions:
            if let count = try? await installation.observer.terminateSessions(), count > 0 {
                try note(fault, "\(count) sessions")
            }
            return nil
        case .killServer:
            server.send(SIGKILL)
            _ = try await server.waitForExit()
            try note(fault, server.relay.name)
            return { try installation.start(server) }
        case .pauseServer:
            server.send(SIGSTOP)
            try note(fault, server.relay.name)
            return { server.send(SIGCONT) }
        case .killProxy:
            let proxy = somebody(installation.proxies, using: &generator)
            try await restart(proxy, SIGKILL, within: Self.proxyLimit)
            try note(fault, proxy.name)
            return nil
        case .pauseProxy:
            let proxy = somebody(installation.proxies, using: &generator)
            proxy.send(SIGSTOP)
            defer { proxy.send(SIGCONT) }
            try await Task.sleep(for: .milliseconds(Int.random(in: Self.proxyPauses, using: &generator)))
            try note(fault, proxy.name)
            return nil
        case .restartProxyFromDisk: return try await restartProxyFromDisk(using: &generator)
        case .staleLeader: return try await overtakeLeader()
        case .crashPostgres:
            try await installation.postgres.stop(.immediate)
            try note(fault, "postgres")
            return { try await installation.postgres.start() }
        case .fullDisk:
            try await installation.disk.fill(installation.observer)
            try note(fault, installation.disk.kind)
            return { try await installation.ensurePostgres(afresh: !installation.disk.empty()) }
        case .clockJump:
            let offset = Self.jumps[Int.random(in: 0..<Self.jumps.count, using: &generator)]
            try installation.clock?.jump(to: offset)
            try note(fault, "\(offset) s")
            return nil
        }
    }

    private func note(_ fault: FaultKind, _ target: String) throws {
        try history.append(.fault(FaultRecord(fault: fault, target: target, at: history.now)))
    }

    private func somebody<Victim>(_ all: [Victim], using generator: inout SeededGenerator) -> Victim {
        all[Int.random(in: 0..<all.count, using: &generator)]
    }

    /// Ends a proxy and starts it again. What is not ready in time has to answer requests all the same.
    private func restart(_ proxy: TurnoutProxy, _ signal: Int32, within limit: Duration) async throws {
        let from = history.now
        proxy.send(signal)
        _ = try await proxy.waitForExit()
        try proxy.start()
        try? await eventually(deadline: limit) { try await proxy.isReady() }
        try history.append(.outage(ProxyOutage(proxy: proxy.number, from: from, until: history.now)))
    }

    /// Both servers are gone when the proxy starts, and come back later.
    private func restartProxyFromDisk(using generator: inout SeededGenerator) async throws -> Healing? {
        for server in installation.servers {
            server.send(SIGKILL)
            _ = try await server.waitForExit()
        }
        let proxy = somebody(installation.proxies, using: &generator)
        try await restart(proxy, generator.chance(0.5) ? SIGKILL : SIGTERM, within: Self.diskStartLimit)
        try note(.restartProxyFromDisk, proxy.name)
        return { for server in installation.servers { try installation.start(server) } }
    }

    private func contend() async throws -> Healing? {
        // Whatever ends it early has been noted as a fault of its own.
        try? await installation.observer.contend(until: .now + Self.contention)
        try note(.contention, "models and endpoints")
        return nil
    }

    private func trap(
        _ fault: FaultKind, _ action: RelayTrap.Action, _ server: TurnoutServer
    ) async throws -> Healing? {
        let trap = RelayTrap(action) { $0.commitsChange }
        if let hit = try await spring(trap, on: server.relay) { try note(fault, hit) }
        return nil
    }

    /// - Returns: what it hit; `nil` when nothing came by in time.
    private func spring(_ trap: RelayTrap, on relay: DatabaseRelay) async throws -> String? {
        relay.set(trap)
        defer { relay.set(nil) }
        try? await eventually(deadline: Self.trapLimit) { trap.hit != nil }
        return trap.hit
    }

    /// Holds the leader's connections just as it is about to write a table, until another one leads and has written one.
    private func overtakeLeader() async throws -> Healing? {
        let observer = installation.observer
        guard let lease = try? await observer.lease(),
            let leader = installation.servers.first(where: { $0.isHolder(lease.holder) })
        else { return nil }
        let trap = RelayTrap(.freeze) { statement in
            (statement.sql.contains("FROM lease") && statement.sql.contains("FOR UPDATE"))
                || statement.sql.contains("INSERT INTO routing_table")
        }
        guard try await spring(trap, on: leader.relay) != nil else { return nil }
        defer { leader.relay.thaw() }
        try await eventually(deadline: Self.takeoverLimit, "another leader than \(lease.holder)") {
            (try? await observer.lease())?.epoch ?? 0 > lease.epoch
        }
        try? await eventually(deadline: .seconds(1)) { try await observer.newestEpoch() > lease.epoch }
        try note(.staleLeader, leader.relay.name)
        return nil
    }
}
