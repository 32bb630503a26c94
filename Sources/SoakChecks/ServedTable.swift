internal import Resources
package import Splitting

/// A published routing table as its bytes say.
package struct ServedTable: Sendable {
    package let generation: Int
    package let release: Int
    package let digest: String
    /// Of the bytes, computed here.
    package let actualDigest: String
    /// `nil` when the bytes are no table.
    package let table: RoutingTable?

    init(_ publication: RegistryFacts.Publication, body: [UInt8]) {
        generation = publication.generation
        release = publication.release
        digest = publication.digest
        let digits = String(XXH64.hash(body), radix: 16)
        actualDigest = String(repeating: "0", count: 16 - digits.count) + digits
        table = try? FlatTable(validating: body).routingTable
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
