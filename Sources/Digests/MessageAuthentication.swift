internal import COpenSSL

/// HMAC-SHA256 (RFC 2104).
package enum MessageAuthentication {
    package static func code(key: [UInt8], message: [UInt8]) -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        var length: UInt32 = 0
        let result = unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &bytes, &length)
        guard unsafe result != nil, length == SHA256Digest.byteCount else { fatalError("libcrypto has no HMAC-SHA256") }
        return SHA256Digest(unchecked: bytes)
    }
}
