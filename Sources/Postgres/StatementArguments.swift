/// A statement's parameters in the shape that libpq wants: pointers, lengths and formats side by side.
struct StatementArguments {
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [PostgresValue]) {
        for value in values {
            switch value {
            case .null: append(nil, format: 0)
            case .text(let text): append(Array(text.utf8), format: 0)
            case .binary(let binary): append(binary, format: 1)
            }
        }
    }

    private mutating func append(_ content: [UInt8]?, format: Int32) {
        offsets.append(content.map { _ in bytes.count })
        lengths.append(Int32(clamping: content?.count ?? 0))
        formats.append(format)
        // Text ends at a NUL, binary at its length; a NUL behind both serves both.
        if let content { bytes += content + [0] }
    }

    /// Calls `body` with the count, values, lengths and formats, valid during the call.
    func withPointers<Value>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return body(Int32(offsets.count), pointers, lengths, formats)
        }
    }
}
