internal import Foundation
package import Logging
package import RegistryStore
internal import Resources
package import Signals
internal import Synchronization

/// Brings the routing table to what the registry says, for as long as it runs.
///
/// Level-triggered: an activation takes no input, compares what should be with what is, from PostgreSQL alone, and does
/// the next thing. It may be killed at any instruction. Any number of reconcilers may run: a lease with a fencing epoch
/// lets one of them write, and the store refuses writes under an older epoch. A failed activation is not repeated by
/// itself: the next one is the retry.
package final class Reconciler: Sendable {
    package enum Activation: Sendable, Hashable {
        /// Someone else has the lease, for at most this long without being heard of.
        case follows(remaining: Duration)
        case leads(epoch: Int, published: Int?)
        case failed
    }

    package struct Configuration: Sendable, Hashable {
        /// Different for every process that ever runs.
        package var holder: String
        /// How long a leader that died keeps the others waiting, at most.
        package var leaseDuration = Duration.seconds(5)
        /// The period suffices without any poke.
        package var period = Duration.seconds(2)

        package init(holder: String) { self.holder = holder }
    }

    static let leaseName = "reconciler"

    let store: RegistryStore
    let configuration: Configuration
    let activator: Activator
    let logger: Logger
    private let isStopped = Atomic(false)
    private let memory = ServedMemory()
    package let metrics = ReconcilerMetrics()
    /// Tells tests what an activation did.
    package let activations = TestSignal<Activation>()

    /// - Parameter activator: poked by whoever changed something; a change in another process comes by NOTIFY.
    package init(store: RegistryStore, configuration: Configuration, activator: Activator, logger: Logger) {
        self.store = store
        self.configuration = configuration
        self.activator = activator
        self.logger = logger
    }

    /// Runs until `stop()`, and then lets go of the lease, so that another takes over at once; or until the task is
    /// cancelled, which leaves the lease to expire.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen() }
            await lead()
            group.cancelAll()
        }
    }

    /// Ends `run()` after the activation that is under way. Any thread may call it; once is enough.
    package func stop() {
        isStopped.store(true, ordering: .releasing)
        activator.poke()
    }

    /// Changes made through other servers.
    private func listen() async {
        await store.forEachChange { activator.poke() }
    }

    private func lead() async {
        var lease: Lease?
        while !Task.isCancelled && !isStopped.load(ordering: .acquiring) {
            let start = ContinuousClock.now
            let activation = await activate(&lease)
            metrics.record(activation, took: .now - start, at: Date().timeIntervalSince1970)
            activations.emit(activation)
            await activator.wait(atMost: pause(after: activation))
        }
        guard let lease, !Task.isCancelled else { return }
        do {
            try await store.releaseLease(lease)
        } catch {
            logger.info("the lease is left to expire", metadata: ["error": "\(error)"])
        }
    }

    /// Often enough to renew the lease in time; just after the leader's lease ends, if it does.
    private func pause(after activation: Activation) -> Duration {
        let renewal = min(configuration.period, configuration.leaseDuration / 3)
        switch activation {
        case .follows(let remaining): return min(renewal, remaining + .milliseconds(10))
        case .leads, .failed: return renewal
        }
    }

    private func activate(_ lease: inout Lease?) async -> Activation {
        do {
            switch try await store.acquireLease(
                Self.leaseName, holder: configuration.holder, for: configuration.leaseDuration)
            {
            case .taken(_, let remaining):
                if lease != nil { logger.info("no longer leading") }
                lease = nil
                return .follows(remaining: remaining)
            case .held(let held):
                let isNew = lease?.epoch != held.epoch
                if isNew { logger.info("leading", metadata: ["lease.epoch": "\(held.epoch)"]) }
                lease = held
                let published = try await ReconcilerTasks(store: store, lease: held, logger: logger, memory: memory)
                    .run(comparesContent: isNew)
                return .leads(epoch: held.epoch, published: published)
            }
        } catch is CancellationError {
            return .failed
        } catch let error as TurnoutError where error.code == .conflict {
            logger.info("another one leads", metadata: ["error": "\(error.message)"])
        } catch {
            let context = (error as? TurnoutError)?.context ?? "\(error)"
            logger.warning("reconciling failed, and is tried again", metadata: ["error": "\(context)"])
        }
        return .failed
    }
}
