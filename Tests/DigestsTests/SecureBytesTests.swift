import Digests
import Testing

@Suite struct SecureBytesTests {
    @Test("Random bytes come in the number asked for and never twice the same")
    func random() {
        let draws = (0..<100).map { _ in SecureBytes.random(count: 16) }
        #expect(draws.allSatisfy { $0.count == 16 })
        #expect(Set(draws).count == 100)
        #expect(SecureBytes.random(count: 0).isEmpty)
    }

    @Test("Bytes are equal when all of them are, and only then")
    func equality() {
        #expect(SecureBytes.areEqual([], []))
        #expect(SecureBytes.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!SecureBytes.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!SecureBytes.areEqual([0, 2, 3], [1, 2, 3]))
        #expect(!SecureBytes.areEqual([1, 2, 3], [1, 2]))
        #expect(!SecureBytes.areEqual([], [0]))
    }

    @Test("Hexadecimal digits give back the bytes they were made of")
    func hexadecimal() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hexadecimal.bytes(Hexadecimal.text(all)) == all)
        #expect(Hexadecimal.bytes("00fFa9") == [0, 255, 0xa9])
        #expect(Hexadecimal.bytes("0") == nil)
        #expect(Hexadecimal.bytes("0g") == nil)
        #expect(Hexadecimal.bytes("é") == nil)
    }
}
