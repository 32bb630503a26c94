import Resources

/// Which of the 10,000 slices a routing key falls into: `XXH64(utf8(salt ":" key), seed 0) mod 10000`.
///
/// The key's bytes are taken as they come, with no Unicode normalisation; anyone can recompute it.
package enum Bucket {
    package static func of(key: String, salt: String) -> Int {
        Int(XXH64.hash(Array("\(salt):\(key)".utf8)) % UInt64(BucketRange.bucketCount))
    }

    /// For the request path: `saltedKey` already holds the salt, a colon and the key.
    @inline(__always)
    package static func of(saltedKey: UnsafeRawBufferPointer) -> Int {
        Int(XXH64.hash(saltedKey) % UInt64(BucketRange.bucketCount))
    }
}
