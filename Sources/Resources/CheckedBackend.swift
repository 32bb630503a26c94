/// A backend as one endpoint judges it. Endpoints that check the same backend in different ways don't share a verdict;
/// those that check it in the same way do, so that it is asked once.
package struct CheckedBackend: Sendable, Hashable, Comparable {
    package let backend: Backend
    /// `nil`: judged by connecting alone.
    package let check: HealthCheck?

    package init(_ backend: Backend, check: HealthCheck?) {
        self.backend = backend
        self.check = check
    }

    /// What proxies report its health under: `host:port`, and the path that is asked for.
    package var healthKey: String { backend.authority + (check?.path ?? "") }

    package static func < (left: Self, right: Self) -> Bool {
        if left.backend != right.backend { return left.backend < right.backend }
        guard let one = left.check, let other = right.check else { return left.check == nil && right.check != nil }
        return (one.path, one.every, one.timeout, one.unhealthyAfter)
            < (other.path, other.every, other.timeout, other.unhealthyAfter)
    }
}
