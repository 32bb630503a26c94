import Foundation
import Resources

/// `Vectors/bucketing.json`: what independent implementations computed.
struct BucketingVectors: Decodable {
    struct Vector: Decodable {
        let id: String
        let inputs: Inputs
        let expected: Expected
    }

    struct Inputs: Decodable {
        let bufferHex: String?
        let seed: UInt64?
        let salt: String?
        let key: String?
        let steps: [[String: Int]]?
        let from: Int?
        let to: Int?

        enum CodingKeys: String, CodingKey {
            case bufferHex = "buffer_hex"
            case seed, salt, key, steps, from, to
        }
    }

    struct Expected: Decodable {
        let hash: String?
        let bucket: Int?
        let plan: [Step]?
        let chi2: Double?
        let firstBucketCount: Int?
        let lastBucketCount: Int?

        enum CodingKeys: String, CodingKey {
            case hash = "xxh64_hex"
            case bucket, plan, chi2
            case firstBucketCount = "count_bucket_0"
            case lastBucketCount = "count_bucket_9999"
        }
    }

    struct Step: Decodable {
        let movedBuckets: Int
        let segments: [Segment]

        enum CodingKeys: String, CodingKey {
            case movedBuckets = "moved_buckets"
            case segments
        }
    }

    struct Segment: Decodable, Hashable {
        let lower: Int
        let upper: Int
        let variant: String

        init(lower: Int, upper: Int, variant: String) {
            self.lower = lower
            self.upper = upper
            self.variant = variant
        }

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            lower = try container.decode(Int.self)
            upper = try container.decode(Int.self)
            variant = try container.decode(String.self)
        }
    }

    let vectors: [Vector]

    static func load() throws -> BucketingVectors {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Vectors/bucketing.json"))
        return try JSONDecoder().decode(BucketingVectors.self, from: data)
    }
}

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}
