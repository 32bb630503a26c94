import Resources
import Splitting
import Testing

@Suite("A routing key's bucket")
struct BucketTests {
    @Test("is hashed with XXH64 as published")
    func hashesAsPublished() throws {
        let vectors = try BucketingVectors.load().vectors.filter { $0.expected.hash != nil }
        #expect(vectors.count >= 8)
        for vector in vectors {
            let buffer = bytes(hex: vector.inputs.bufferHex ?? "")
            let hash = XXH64.hash(buffer, seed: vector.inputs.seed ?? 0)
            let text = String(hash, radix: 16)
            #expect(String(repeating: "0", count: 16 - text.count) + text == vector.expected.hash, "\(vector.id)")
        }
    }

    @Test("is what independent implementations compute, for any bytes in salt and key")
    func agreesWithVectors() throws {
        let vectors = try BucketingVectors.load().vectors.filter { $0.expected.bucket != nil }
        #expect(vectors.count >= 9)
        for vector in vectors {
            let bucket = Bucket.of(key: vector.inputs.key ?? "", salt: vector.inputs.salt ?? "")
            #expect(bucket == vector.expected.bucket, "\(vector.id)")
        }
    }

    @Test("is spread over a million users as chance would")
    func isUniform() throws {
        let vector = try #require(try BucketingVectors.load().vectors.first { $0.expected.chi2 != nil })
        var counts = [Int](repeating: 0, count: BucketRange.bucketCount)
        let prefix = Array("\(vector.inputs.salt ?? ""):user-".utf8)
        for user in (vector.inputs.from ?? 0)...(vector.inputs.to ?? 0) {
            var saltedKey = prefix
            saltedKey.append(contentsOf: String(user).utf8)
            counts[saltedKey.withUnsafeBytes { Bucket.of(saltedKey: $0) }] += 1
        }
        let expected = Double(counts.reduce(0, +)) / Double(counts.count)
        let chi2 = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        let wanted = try #require(vector.expected.chi2)
        #expect(abs(chi2 - wanted) < wanted * 1e-9)
        #expect(counts.first == vector.expected.firstBucketCount)
        #expect(counts.last == vector.expected.lastBucketCount)
    }
}
