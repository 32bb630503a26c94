package import ControlAPITypes

/// What a server tells the proxies that are connected to it. Set anew with every table, and as a heartbeat, so that a
/// stream needs no timer of its own.
package struct TableFeed: Sendable {
    /// Names one table.
    package struct Mark: Sendable, Hashable {
        package let generation: Int
        /// `nil` when a proxy did not say.
        package let digest: String?

        package init(generation: Int, digest: String?) {
            self.generation = generation
            self.digest = digest
        }
    }

    /// What leads from one table to the next.
    package struct Step: Sendable {
        package let from: Mark
        package let to: Mark
        package let delta: [UInt8]

        package init(from: Mark, to: Mark, delta: [UInt8]) {
            self.from = from
            self.to = to
            self.delta = delta
        }
    }

    /// The newest published table; `nil` until there is one.
    package let newest: Mark?
    private let steps: [Step]
    private let whole: @Sendable () -> [UInt8]

    /// Before the first table.
    package init() { self.init(newest: nil, steps: [], whole: { [] }) }

    /// - Parameters:
    ///   - steps: one after the other, the last leading to the newest table.
    ///   - whole: the newest table; asked for by each stream that no step leads from.
    package init(newest: Mark?, steps: [Step], whole: @escaping @Sendable () -> [UInt8]) {
        self.newest = newest
        self.steps = steps
        self.whole = whole
    }

    /// What a proxy needs to get from the table that it has to the newest; nothing when it has that, or a later one.
    package func frames(from known: Mark) -> [TableFrame] {
        guard let newest, known.generation <= newest.generation else { return [] }
        if known.generation == newest.generation, known.digest == nil || known.digest == newest.digest { return [] }
        guard let first = steps.firstIndex(where: { $0.from == known }) else { return [.table(whole())] }
        return steps[first...].map { .delta($0.delta) }
    }
}
