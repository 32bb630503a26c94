package import Resources
import Synchronization

/// Gives every backend, as it is judged, a slot in memory shared with the loops, for as long as any table uses it.
///
/// Three sides use it: installing a table leases slots before any loop sees the table, and returns the lease when the
/// last loop has let go of the table; the monitor lists what is registered and writes addresses and health through
/// `slots`; the loops read `slots`. All functions may be called from any thread, none is called on the way of a request.
package final class BackendDirectory: Sendable {
    /// A backend as the monitor sees it.
    package struct Registration: Sendable, Hashable {
        package let checked: CheckedBackend
        package let slot: Int
        /// Rises each time a slot is given to another backend: state kept for an older one is stale.
        package let incarnation: UInt64

        package var backend: Backend { checked.backend }
        package var check: HealthCheck? { checked.check }
    }

    /// Slots held for one table, in the order of the backends they were asked for.
    package struct Lease: Sendable {
        package let slots: [UInt32]
        fileprivate let backends: [CheckedBackend]
    }

    private struct Entry {
        var slot: Int
        var incarnation: UInt64
        var leases = 0
    }

    private struct State {
        var entries: [CheckedBackend: Entry] = [:]
        /// By slot: whose it is, or last was.
        var backends: [Backend] = []
        var free: [Int] = []
        var used = 0
        var incarnations: UInt64 = 0
    }

    package static let defaultCapacity = 262_144

    package let slots: BackendSlots
    private let state = Mutex(State())
    private let changes = Atomic<UInt64>(0)

    package init(capacity: Int = BackendDirectory.defaultCapacity) {
        self.slots = BackendSlots(capacity: capacity)
    }

    deinit { slots.deallocate() }

    /// Rises whenever a backend comes or goes; for the monitor to notice cheaply.
    package var changeCount: UInt64 { changes.load(ordering: .acquiring) }

    /// The slots of backends that are leased; -1 for one that is not.
    func slots(of backends: [CheckedBackend]) -> [Int] {
        state.withLock { state in backends.map { state.entries[$0]?.slot ?? -1 } }
    }

    /// Whose slot it is, or last was.
    func backend(of slot: Int) -> Backend? {
        state.withLock { $0.backends.indices.contains(slot) ? $0.backends[slot] : nil }
    }

    /// What is registered now, in no order.
    package func registrations() -> [Registration] {
        state.withLock { state in
            state.entries.map { checked, entry in
                Registration(checked: checked, slot: entry.slot, incarnation: entry.incarnation)
            }
        }
    }

    /// Lets the monitor write to a slot while nobody can give it to another backend: a late answer about the old one
    /// must not become the new one's address.
    ///
    /// - Parameter body: runs under the directory's lock: short, and nothing of the directory may be called from it.
    /// - Returns: whether the slot still belongs to that registration; if not, `body` was not run.
    @discardableResult
    package func update(_ registration: Registration, _ body: (BackendSlots) -> Void) -> Bool {
        state.withLock { state in
            guard let entry = state.entries[registration.checked], entry.incarnation == registration.incarnation
            else { return false }
            body(slots)
            return true
        }
    }

    /// Registers the backends of a table. New ones that are IP addresses are ready at once, healthy until judged
    /// otherwise; names are not ready until the monitor has published their addresses.
    ///
    /// - Throws: `TurnoutError` with code `too_large` when there are more distinct backends than slots; nothing is
    ///   leased then.
    package func lease(_ backends: [CheckedBackend]) throws(TurnoutError) -> Lease {
        let slots: [UInt32]? = state.withLock { state in
            let new = Set(backends.filter { state.entries[$0] == nil })
            guard state.used - state.free.count + new.count <= self.slots.capacity else { return nil }
            if !new.isEmpty { changes.add(1, ordering: .releasing) }
            return backends.map { UInt32(lease($0, in: &state)) }
        }
        guard let slots else {
            throw TurnoutError(
                .tooLarge, "The table has more backends than the proxy has slots (\(self.slots.capacity)).")
        }
        return Lease(slots: slots, backends: backends)
    }

    /// Gives a table's slots back. Only when no loop can reach the table any more.
    package func release(_ lease: Lease) {
        state.withLock { state in
            for checked in lease.backends {
                guard var entry = state.entries[checked] else { continue }
                entry.leases -= 1
                state.entries[checked] = entry.leases > 0 ? entry : nil
                if entry.leases == 0 {
                    state.free.append(entry.slot)
                    changes.add(1, ordering: .releasing)
                }
            }
        }
    }

    private func lease(_ checked: CheckedBackend, in state: inout State) -> Int {
        var entry = state.entries[checked] ?? register(checked.backend, in: &state)
        entry.leases += 1
        state.entries[checked] = entry
        return entry.slot
    }

    private func register(_ backend: Backend, in state: inout State) -> Entry {
        let slot: Int
        if let free = state.free.popLast() {
            slot = free
        } else {
            slot = state.used
            state.used += 1
        }
        if slot < state.backends.count { state.backends[slot] = backend } else { state.backends.append(backend) }
        state.incarnations += 1
        slots.reset(slot)
        slots.setHealthy(slot, true)
        if let address = SocketAddress(literal: backend.host, port: backend.port) {
            slots.publish(slot, addresses: [address])
        }
        return Entry(slot: slot, incarnation: state.incarnations)
    }
}
