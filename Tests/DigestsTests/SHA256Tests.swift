import Digests
import Testing

@Suite struct SHA256Tests {
    @Test(
        "SHA-256 gives the digests that FIPS 180-2 publishes",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func publishedDigests(text: String, hex: String) {
        #expect(SHA256Digest.hash(text).hex == hex)
    }

    @Test("A million bytes hashed in uneven pieces give the published digest")
    func pieces() {
        var hasher = SHA256Hasher()
        var remaining = 1_000_000
        var size = 1
        while remaining > 0 {
            let count = min(size, remaining)
            hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
            remaining -= count
            size = size * 3 + 1
        }
        #expect(hasher.finalize().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("A digest is made of 32 bytes and of no other number")
    func byteCount() {
        #expect(SHA256Digest(bytes: [UInt8](repeating: 7, count: 32))?.hex == String(repeating: "07", count: 32))
        #expect(SHA256Digest(bytes: [UInt8](repeating: 7, count: 31)) == nil)
        #expect(SHA256Digest(bytes: []) == nil)
    }
}
