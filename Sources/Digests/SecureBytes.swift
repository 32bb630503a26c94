internal import COpenSSL

/// What secrets are made of and compared with.
package enum SecureBytes {
    /// Bytes that nobody can guess, from libcrypto's generator. Stops the process when the system gives no entropy.
    package static func random(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else { fatalError("libcrypto has no random bytes") }
        return bytes
    }

    /// Compares in a time that depends on the lengths alone, so that it tells nothing of where a guess went wrong.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
