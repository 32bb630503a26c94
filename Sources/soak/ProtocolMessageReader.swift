/// Cuts a stream of PostgreSQL's protocol, version 3, into its messages.
struct ProtocolMessageReader {
    struct Message {
        /// `nil` for a client's first one, which has no type.
        let type: UInt8?
        /// The message as it came.
        let bytes: [UInt8]
    }

    private static let lengthBytes = 4

    private var buffer: [UInt8] = []
    private var expectsStartup: Bool

    /// - Parameter fromClient: whether the stream is a client's, whose first message has no type.
    init(fromClient: Bool) { expectsStartup = fromClient }

    mutating func append(_ bytes: some Sequence<UInt8>) { buffer += bytes }

    /// The next message that came whole.
    mutating func next() -> Message? {
        let typeBytes = expectsStartup ? 0 : 1
        guard buffer.count >= typeBytes + Self.lengthBytes else { return nil }
        let length = Self.integer(buffer[typeBytes...].prefix(Self.lengthBytes))
        guard buffer.count >= typeBytes + length else { return nil }
        let message = Message(type: expectsStartup ? nil : buffer[0], bytes: Array(buffer[..<(typeBytes + length)]))
        buffer.removeFirst(typeBytes + length)
        expectsStartup = false
        return message
    }

    /// Big-endian, unsigned.
    static func integer(_ bytes: some Sequence<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

/// A statement on its way to PostgreSQL.
struct RelayedStatement: Sendable {
    let sql: String
    /// The BEGIN of the connection's last transaction; empty before the first.
    let transaction: String

    /// Whether it commits changes that a client asked for, not a heartbeat or a report.
    var commitsChange: Bool { sql == "COMMIT" && transaction.contains("SERIALIZABLE READ WRITE") }
}

/// Which statements a client runs, from its messages.
struct StatementReader {
    private var prepared: [String: String] = [:]
    private var transaction = ""

    /// - Returns: what the message has the server run, if it does.
    mutating func statement(_ message: ProtocolMessageReader.Message) -> RelayedStatement? {
        guard let sql = sql(message) else { return nil }
        if sql.hasPrefix("BEGIN") { transaction = sql }
        return RelayedStatement(sql: sql, transaction: transaction)
    }

    private mutating func sql(_ message: ProtocolMessageReader.Message) -> String? {
        switch message.type {
        case UInt8(ascii: "Q"): return Self.texts(message).first
        case UInt8(ascii: "P"):
            let texts = Self.texts(message)
            if texts.count >= 2 { prepared[texts[0]] = texts[1] }
            return nil
        case UInt8(ascii: "B"):
            let texts = Self.texts(message)
            return texts.count >= 2 ? prepared[texts[1]] : nil
        default: return nil
        }
    }

    /// The message's first two texts, each ended by a NUL.
    private static func texts(_ message: ProtocolMessageReader.Message) -> [String] {
        message.bytes.dropFirst(5).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
