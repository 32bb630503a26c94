internal import Foundation
package import Logging
package import RegistryStore
package import Resources

/// The use cases: authorise, check, store, poke. Stateless and cheap to copy; every task may use it.
///
/// Every transport calls these and nothing below them. Each use case takes the `Caller` first in mind: it authorises
/// before it looks at anything, and writes its audit entry in the transaction of its change.
package struct ControlPlane: Sendable {
    package let store: RegistryStore
    package let artifactStore: ArtifactStore
    package let logger: Logger
    /// Tells the reconciler that there may be work. Called after a commit, never before.
    package let poke: @Sendable () -> Void
    /// The present moment; another clock in tests.
    package let now: @Sendable () -> Timestamp

    package init(
        store: RegistryStore, artifactStore: ArtifactStore, logger: Logger,
        poke: @escaping @Sendable () -> Void = {}, now: @escaping @Sendable () -> Timestamp = Timestamp.systemClock
    ) {
        self.store = store
        self.artifactStore = artifactStore
        self.logger = logger
        self.poke = poke
        self.now = now
    }
}

extension Timestamp {
    /// What the machine's clock says.
    @Sendable package static func systemClock() -> Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }
}
