internal import Resources
package import Splitting

/// A published routing table as its bytes say, and those of the changes that led to it.
package struct ServedTable: Sendable {
    package let generation: Int
    package let release: Int
    package let digest: String
    /// Of what the bytes say, computed here.
    package let actualDigest: String
    /// `nil` when the bytes are no table, or no change of the table before.
    package let table: RoutingTable?

    /// - Parameter routes: those of the table before; brought to this one's.
    init(_ publication: RegistryFacts.Publication, following routes: inout RouteSet) {
        generation = publication.generation
        release = publication.release
        digest = publication.digest
        let number = UInt64(publication.generation)
        do {
            if let body = publication.body {
                routes = try FlatTable(validating: body).routes
            } else {
                try TableDelta(validating: publication.delta ?? []).apply(to: &routes)
            }
            table = routes.table(generation: number)
        } catch {
            table = nil
        }
        let digits = String(routes.digest(generation: number), radix: 16)
        actualDigest = String(repeating: "0", count: 16 - digits.count) + digits
    }

    func route(_ endpoint: EndpointName) -> RoutingTable.Route? {
        table?.routes.first { $0.endpoint == endpoint }
    }
}

extension RoutingTable.Route {
    /// Who owns a routing key.
    func owner(of key: String) -> RoutingTable.Arm? {
        let bucket = Bucket.of(key: key, salt: salt)
        return variants.first { $0.ranges.contains { $0.contains(bucket) } }
    }
}

extension Sequence<BucketRange> {
    /// Whether every bucket is in exactly one of the ranges.
    var isPartition: Bool {
        var next = 0
        for range in sorted() {
            guard range.lower == next else { return false }
            next = range.upper
        }
        return next == BucketRange.bucketCount
    }
}
