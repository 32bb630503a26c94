import Testing

@testable import soak

@Suite("What the relay sees of a connection to PostgreSQL")
struct StatementReaderTests {
    private func message(_ type: Character, _ texts: String...) -> [UInt8] {
        var body: [UInt8] = []
        for text in texts { body += Array(text.utf8) + [0] }
        let length: [UInt8] = [0, 0, 0, UInt8(body.count + 4)]
        return Array(type.utf8) + length + body
    }

    @Test("statements are known by their text, prepared ones too, however the bytes are cut")
    func statements() {
        var stream: [UInt8] = [0, 0, 0, 9, 0, 3, 0, 0, 0]
        stream += message("Q", "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")
        stream += message("P", "s1", "SELECT 1")
        stream += message("B", "", "s1")
        stream += message("Q", "COMMIT")
        for size in [1, 3, 7, stream.count] {
            var messages = ProtocolMessageReader(fromClient: true)
            var statements = StatementReader()
            var seen: [RelayedStatement] = []
            var bytes: [UInt8] = []
            for start in Swift.stride(from: 0, to: stream.count, by: size) {
                messages.append(stream[start..<min(start + size, stream.count)])
                while let message = messages.next() {
                    bytes += message.bytes
                    if let statement = statements.statement(message) { seen.append(statement) }
                }
            }
            #expect(bytes == stream)
            #expect(seen.map(\.sql) == ["BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE", "SELECT 1", "COMMIT"])
            #expect(seen.map(\.commitsChange) == [false, false, true])
        }
    }
}
