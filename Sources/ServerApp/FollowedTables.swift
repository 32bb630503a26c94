import ControlAPI
import Resources
import Splitting
import Synchronization

/// The newest routing table as a server knows it, and the last steps that led to it.
struct FollowedTables {
    /// Proxies that are further behind get the whole table.
    static let keptSteps = 64
    private static let keptBytes = 4 << 20

    private var routes = RouteSet()
    private var mark: TableFeed.Mark?
    private var steps: [TableFeed.Step] = []

    var generation: Int { mark?.generation ?? 0 }

    /// - Parameter tables: from the one after `generation` on, or from a whole one.
    /// - Throws: `TurnoutError` when they don't lead on from here: it is of no use then.
    mutating func follow(_ tables: [PublishedTable]) throws {
        for table in tables {
            let next = TableFeed.Mark(generation: table.generation, digest: table.digest)
            if let delta = table.delta, let mark, table.generation == mark.generation + 1 {
                try TableDelta(validating: delta).apply(to: &routes)
                steps.append(TableFeed.Step(from: mark, to: next, delta: delta))
            } else if let body = table.body {
                routes = try FlatTable(validating: body).routes
                steps = []
            } else {
                throw TurnoutError(.conflict, "Generation \(table.generation) does not follow \(generation).")
            }
            mark = next
        }
        forgetSteps()
    }

    private mutating func forgetSteps() {
        var (kept, bytes) = (0, 0)
        for step in steps.reversed() {
            bytes += step.delta.count
            guard kept < Self.keptSteps, bytes <= Self.keptBytes else { break }
            kept += 1
        }
        steps.removeFirst(steps.count - kept)
    }

    var feed: TableFeed {
        let whole = WholeTable(routes: routes, generation: UInt64(generation))
        return TableFeed(newest: mark, steps: steps, whole: { whole.bytes })
    }
}

/// Compiled when the first proxy needs it, and for all of them once.
private final class WholeTable: Sendable {
    private let routes: RouteSet
    private let generation: UInt64
    private let compiled = Mutex<[UInt8]?>(nil)

    init(routes: RouteSet, generation: UInt64) {
        self.routes = routes
        self.generation = generation
    }

    var bytes: [UInt8] {
        compiled.withLock { compiled in
            if let compiled { return compiled }
            // Every route was checked when it came into the set.
            let bytes = (try? FlatTable(routes, generation: generation).bytes()) ?? []
            compiled = bytes
            return bytes
        }
    }
}
