import ControlPlane
import Foundation
import Logging
import Reconciler
import RegistryStore
import Resources
import Signals
import Splitting
import TestSupport
import Testing

@Suite struct ReconcilerTests {
    @Test(
        "What is applied is in the next routing table, and a release that changes nothing live only advances its mark")
    func publish() async throws {
        try await ReconcilerFixture.with { fixture in
            try await fixture.apply(90, 10)
            let (reconciler, activator) = fixture.reconciler("one")
            try await fixture.running(reconciler) {
                try await fixture.eventuallyServed(release: 1)
                let first = try #require(try await fixture.table())
                #expect(first.generation == 1)
                let route = try #require(first.routes.first)
                #expect(route.revision == 1)
                #expect(route.variants.map { $0.ranges.reduce(0) { $0 + $1.count } } == [9000, 1000])

                try await fixture.promote(100)
                activator.poke()
                try await fixture.eventuallyServed(release: 2)
                #expect(try await fixture.table()?.generation == 2)

                // Waits for the hold: nothing live changes.
                try await fixture.apply(50, 50)
                activator.poke()
                try await fixture.eventuallyServed(release: 3)
                #expect(try await fixture.table()?.generation == 2)
            }
        }
    }

    @Test("A change made through another server arrives without a poke and without waiting for the period")
    func notified() async throws {
        try await ReconcilerFixture.with { fixture in
            let (reconciler, _) = fixture.reconciler("one", period: .seconds(600), leaseDuration: .seconds(3600))
            try await fixture.running(reconciler) {
                try await eventually("the first table") { try await fixture.table() != nil }
                try await fixture.apply(90, 10)
                try await fixture.eventuallyServed(release: 1)
            }
        }
    }

    @Test("The period alone suffices")
    func period() async throws {
        try await ReconcilerFixture.with { fixture in
            try await fixture.apply(90, 10)
            let lease = try await fixture.lease("one")
            let tasks = ReconcilerTasks(store: fixture.store, lease: lease, logger: TestDatabase.quietLogger)
            #expect(try await tasks.run(comparesContent: true) == 1)
            #expect(try await tasks.run(comparesContent: false) == nil)
            #expect(try await tasks.run(comparesContent: true) == nil)
            try await fixture.apply(80, 20)
            #expect(try await tasks.run(comparesContent: false) == 2)
        }
    }

    @Test("Of two reconcilers one leads; when it stops, the other takes over with a higher epoch and changes nothing")
    func handOver() async throws {
        try await ReconcilerFixture.with { fixture in
            try await fixture.apply(90, 10)
            let (one, _) = fixture.reconciler("one")
            let (two, _) = fixture.reconciler("two")
            try await fixture.running(two) {
                let second = one.activations.events()
                try await fixture.running(one) {
                    try await fixture.eventuallyServed(release: 1)
                    var seen = second.makeAsyncIterator()
                    _ = await seen.next()
                }
                try await fixture.apply(80, 20)
                try await fixture.eventuallyServed(release: 2)
            }
            let epochs = try await fixture.epochs()
            #expect(epochs == epochs.sorted())
            #expect(try await fixture.table()?.generation == 2)
        }
    }

    @Test("A leader that dies without a word is replaced when its lease has run out, and its late write is refused")
    func fencing() async throws {
        try await ReconcilerFixture.with { fixture in
            try await fixture.apply(90, 10)
            let start = try await fixture.store.databaseNow()
            let dead = try await fixture.lease("dead", now: start)
            #expect(dead.epoch == 1)
            // Not yet: the lease lasts five seconds.
            let early = try await fixture.store.acquireLease(
                "reconciler", holder: "next", for: .seconds(5), now: start.advanced(by: .milliseconds(4999)))
            guard case .taken(let by, let remaining) = early else { throw TurnoutError(.conflict, "\(early)") }
            #expect(by == "dead" && remaining == .milliseconds(1))
            let next = try await fixture.lease("next", now: start.advanced(by: .seconds(5)))
            #expect(next.epoch == 2)
            let tasks = ReconcilerTasks(store: fixture.store, lease: next, logger: TestDatabase.quietLogger)
            #expect(try await tasks.run(comparesContent: true) == 1)
            try await fixture.apply(70, 30)
            let late = ReconcilerTasks(store: fixture.store, lease: dead, logger: TestDatabase.quietLogger)
            let error = await #expect(throws: TurnoutError.self) { _ = try await late.run(comparesContent: true) }
            #expect(error?.code == .conflict)
            #expect(try await fixture.table()?.generation == 1)
            #expect(try await tasks.run(comparesContent: false) == 2)
        }
    }

    @Test("When the database's clock jumps back, a dead leader's lease lasts no longer for it")
    func clockJump() async throws {
        try await ReconcilerFixture.with { fixture in
            let start = try await fixture.store.databaseNow()
            let dead = try await fixture.lease("dead", now: start.advanced(by: .seconds(3600)))
            let next = try await fixture.lease("next", now: start)
            #expect(next.epoch == dead.epoch + 1)
        }
    }

    @Test("A holder that lets its own lease run out comes back under a new epoch")
    func returningHolder() async throws {
        try await ReconcilerFixture.with { fixture in
            let start = try await fixture.store.databaseNow()
            #expect(try await fixture.lease("one", now: start).epoch == 1)
            #expect(try await fixture.lease("one", now: start.advanced(by: .seconds(1))).epoch == 1)
            #expect(try await fixture.lease("one", now: start.advanced(by: .seconds(60))).epoch == 2)
        }
    }

    @Test("A hold whose time has passed is released, and what git says goes live")
    func expiry() async throws {
        try await ReconcilerFixture.with { fixture in
            try await fixture.apply(90, 10)
            try await fixture.promote(100, holdFor: Interval(milliseconds: 1))
            let tasks = ReconcilerTasks(
                store: fixture.store, lease: try await fixture.lease("one"), logger: TestDatabase.quietLogger)
            try await eventually("the hold is released") { try await tasks.run(comparesContent: true) == 1 }
            let head = try await fixture.store.endpointHead(ReconcilerFixture.fraud)
            #expect(head.hold == nil)
            #expect(head.active.number == 3)
            #expect(head.active.origin == .holdExpiry && head.active.actor == "turnout")
            #expect(head.active.content.spec.variants.map(\.traffic.buckets) == [9000, 1000])
        }
    }

    @Test("A proxy's generation never falls within one incarnation, and convergence counts the live ones in step")
    func proxies() async throws {
        try await ReconcilerFixture.with { fixture in
            try await fixture.apply(90, 10)
            let tasks = ReconcilerTasks(
                store: fixture.store, lease: try await fixture.lease("one"), logger: TestDatabase.quietLogger)
            _ = try await tasks.run(comparesContent: true)
            let now = try await fixture.store.databaseNow()
            func report(_ id: String, _ incarnation: String, _ generation: Int, at moment: Timestamp) async throws {
                try await fixture.store.report(
                    [
                        ProxyReport(
                            id: id, incarnation: incarnation, address: "a", adminAddress: "b",
                            generation: generation, digest: "", unhealthy: [])
                    ], now: moment)
            }
            try await report("a", "1", 1, at: now)
            try await report("a", "1", 0, at: now.advanced(by: .seconds(1)))
            #expect(try await fixture.store.proxies().map(\.report.generation) == [1])
            try await report("b", "1", 0, at: now)
            var convergence = try await fixture.store.convergence(1, now: now)
            #expect(convergence == Convergence(release: 1, generation: 1, live: 2, inStep: 1))
            #expect(!convergence.isComplete)
            // The one that fell silent no longer counts; a restarted one may start from nothing.
            try await report("a", "2", 0, at: now.advanced(by: .seconds(14)))
            convergence = try await fixture.store.convergence(1, now: now.advanced(by: .seconds(16)))
            #expect(convergence == Convergence(release: 1, generation: 1, live: 1, inStep: 0))
            convergence = try await fixture.store.convergence(2, now: now)
            #expect(convergence.generation == nil && !convergence.isComplete)
        }
    }

    @Test("Once a table is kept whole, only the newest hundred are, and their generations have no hole")
    func pruning() async throws {
        try await ReconcilerFixture.with { fixture in
            let lease = try await fixture.lease("one")
            for generation in 1...105 {
                try await fixture.store.publish(
                    body: generation == 1 ? [1] : nil, delta: generation == 1 ? nil : [UInt8(generation)],
                    digest: "0123456789abcdef", generation: generation, release: 0, under: lease)
            }
            #expect(try await fixture.generations() == Array(1...105))
            try await fixture.store.keepWhole(generation: 105, body: [105], under: lease)
            #expect(try await fixture.generations() == Array(6...105))
            #expect(try await fixture.store.routingTables(after: 103).map(\.delta) == [[104], [105]])
            #expect(try await fixture.store.routingTables().map(\.body) == [[105]])
            let gap = await #expect(throws: TurnoutError.self) {
                try await fixture.store.publish(
                    body: [], delta: nil, digest: "0123456789abcdef", generation: 107, release: 0, under: lease)
            }
            #expect(gap?.code == .conflict)
        }
    }
}
