import Resources
import SoakHistory
import Testing

@testable import soak

@Suite("What clients of the fault harness ask for")
struct OperationChooserTests {
    private func operations(seed: UInt64, stream: UInt64) throws -> [ClientOperation] {
        let backend = try BackendTemplate(parsing: "http://127.0.0.1:9000")
        let chooser = OperationChooser(
            backends: Dictionary(uniqueKeysWithValues: OperationChooser.variants.map { ($0, backend) }))
        var generator = SeededGenerator(seed: seed, stream: stream)
        return (0..<500).map { chooser.next(KnownWorld(), reason: "intent-\($0)", using: &generator) }
    }

    @Test("the same seed gives the same operations, another seed or client others")
    func seeded() throws {
        let first = try operations(seed: 1, stream: 1)
        #expect(try operations(seed: 1, stream: 1) == first)
        #expect(try operations(seed: 2, stream: 1) != first)
        #expect(try operations(seed: 1, stream: 2) != first)
    }

    @Test("every kind of operation comes up")
    func variety() throws {
        #expect(Set(try operations(seed: 1, stream: 1).map(\.name)).count == 14)
    }

    @Test("an apply's shares sum to 100 per cent")
    func shares() throws {
        for case .apply(let request) in try operations(seed: 3, stream: 1) {
            for endpoint in request.endpoints {
                #expect(endpoint.spec.variants.reduce(0) { $0 + $1.traffic.buckets } == BucketRange.bucketCount)
            }
        }
    }
}
