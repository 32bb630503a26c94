internal import COpenSSL

/// SHA-256 of bytes that come piece by piece.
///
/// `@safe`: the context is made in `init`, freed once in `deinit`, and never leaves.
@safe package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    package init() {
        // libcrypto fails here only when memory has run out, after which nothing here could go on either.
        guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            fatalError("libcrypto has no SHA-256")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// - Parameter bytes: read during the call only.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
            fatalError("libcrypto refused to hash")
        }
    }

    package consuming func finalize() -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        guard unsafe EVP_DigestFinal_ex(context, &bytes, nil) == 1 else { fatalError("libcrypto refused to hash") }
        return SHA256Digest(unchecked: bytes)
    }
}
