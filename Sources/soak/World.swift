import Resources
import SoakHistory
import Synchronization

/// What clients know of the registry, from what they were answered: enough to ask for things that exist.
struct KnownWorld: Sendable {
    var versions: [ModelName: [Int]] = [:]
    var newestRelease = 0
    var revisions: [EndpointName: Int] = [:]

    mutating func learn(_ operation: ClientOperation, _ answer: Answer) {
        switch (operation, answer) {
        case (_, .version(let version, _)): versions[version.model, default: []].append(version.version)
        case (.deleteVersion(let version), _): versions[version.model]?.removeAll { $0 == version.version }
        case (_, .change(let outcome)):
            newestRelease = max(newestRelease, outcome.release)
            for change in outcome.changes {
                revisions[change.endpoint] = max(revisions[change.endpoint] ?? 0, change.toRevision ?? 0)
            }
        default: break
        }
    }
}

/// The clients' common knowledge.
final class World: Sendable {
    private let state = Mutex(KnownWorld())
    private let asked = Atomic(0)

    var known: KnownWorld { state.withLock { $0 } }
    /// How many changes clients have asked for.
    var changes: Int { asked.load(ordering: .relaxed) }

    func count(_ operation: ClientOperation) { if !operation.isRead { asked.add(1, ordering: .relaxed) } }
    func learn(_ operation: ClientOperation, _ answer: Answer) { state.withLock { $0.learn(operation, answer) } }
}
