internal import Foundation
internal import Resources
internal import Splitting

/// An endpoint's owners of buckets, read from and written to the text that the store keeps.
struct EndpointBuckets {
    let map: BucketMap

    var ranges: [VariantName: [BucketRange]] { map.ranges }

    init() { self.map = BucketMap() }

    private init(_ map: BucketMap) { self.map = map }

    init(stored text: String, of endpoint: EndpointName) throws(TurnoutError) {
        do {
            self.map = try JSONDecoder().decode(BucketMap.self, from: Data(text.utf8))
        } catch {
            throw TurnoutError(
                .internal, "The bucket map of endpoint '\(endpoint)' can't be read.", context: "\(error)")
        }
    }

    func reallocated(to variants: [Variant]) throws(TurnoutError) -> EndpointBuckets {
        EndpointBuckets(
            try map.reallocated(
                to: Dictionary(variants.map { ($0.name, $0.traffic) }, uniquingKeysWith: { first, _ in first })))
    }

    func restored(to ranges: [VariantName: [BucketRange]]) throws(TurnoutError) -> EndpointBuckets {
        EndpointBuckets(try map.restored(to: ranges))
    }

    func stored() throws(TurnoutError) -> String {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(map), as: UTF8.self)
        } catch {
            throw TurnoutError(.internal, "A bucket map can't be written.", context: "\(error)")
        }
    }
}
