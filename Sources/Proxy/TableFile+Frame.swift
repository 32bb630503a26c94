import Resources
import Splitting

/// What surrounds a table or a change on disk, little-endian: 8 bytes of magic, the generation, the length, and XXH64 of
/// all else; then the table or change. A disk that tears or flips is noticed before the decoder sees a byte.
extension TableFile {
    struct Frame {
        let generation: UInt64
        let body: [UInt8]
        /// Where the next one starts.
        let end: Int
    }

    private static let tableMagic = Array("TURNOUT1".utf8)
    private static let changeMagic = Array("TURNOUTD".utf8)
    private static let headerLength = 32

    static func frame(_ body: [UInt8], of generation: UInt64, isChange: Bool = false) -> [UInt8] {
        var header = isChange ? changeMagic : tableMagic
        append(generation, to: &header)
        append(UInt64(body.count), to: &header)
        append(XXH64.hash(header + body), to: &header)
        return header + body
    }

    /// The table that the file's bytes stand for.
    static func parse(
        _ bytes: [UInt8]
    ) throws(TableFileError) -> (table: FlatTable, wholeLength: Int, cut: Int) {
        let frames = try frames(in: bytes)
        var end = 0
        var table: FlatTable?
        do throws(TurnoutError) {
            for frame in frames {
                if let before = table {
                    let delta = try TableDelta(validating: frame.body)
                    var routes = before.routes
                    try delta.apply(to: &routes)
                    table = FlatTable(routes, generation: delta.result.generation)
                } else {
                    table = try FlatTable(validating: frame.body)
                }
                guard table?.generation == frame.generation else {
                    throw TurnoutError(.invalid, "its header says generation \(frame.generation)")
                }
                end = frame.end
            }
        } catch {
            throw TableFileError(.damaged, "not a routing table: \(error.message)")
        }
        guard let table, let first = frames.first else { throw TableFileError(.damaged, "it is empty") }
        return (table, first.end, bytes.count - end)
    }

    /// The table's frame and those of the changes; without what was not written completely at the end.
    ///
    /// - Throws: `damaged` when the table, or a change with another one behind it, is not what was written.
    static func frames(in bytes: [UInt8]) throws(TableFileError) -> [Frame] {
        var frames: [Frame] = []
        var at = 0
        while frames.isEmpty || at < bytes.count {
            do {
                let frame = try frame(in: bytes, at: at, isChange: !frames.isEmpty)
                frames.append(frame)
                at = frame.end
            } catch {
                guard !frames.isEmpty, isLast(bytes, at) else { throw error }
                break
            }
        }
        return frames
    }

    private static func frame(in bytes: [UInt8], at start: Int, isChange: Bool) throws(TableFileError) -> Frame {
        guard bytes.count - start >= headerLength else {
            throw TableFileError(.damaged, "\(bytes.count - start) bytes, shorter than a header")
        }
        guard bytes[start...].starts(with: isChange ? changeMagic : tableMagic) else {
            throw TableFileError(.damaged, "it does not start as a stored routing table does")
        }
        let left = bytes.count - start - headerLength
        let length = integer(bytes, at: start + 16)
        guard length <= UInt64(left) else {
            throw TableFileError(.damaged, "\(left) bytes where its header says \(length)")
        }
        let end = start + headerLength + Int(length)
        let body = Array(bytes[(start + headerLength)..<end])
        guard XXH64.hash(bytes[start..<(start + 24)] + body) == integer(bytes, at: start + 24) else {
            throw TableFileError(.damaged, "its checksum does not match")
        }
        return Frame(generation: integer(bytes, at: start + 8), body: body, end: end)
    }

    /// Whether nothing that was stored can follow the frame that begins there.
    private static func isLast(_ bytes: [UInt8], _ start: Int) -> Bool {
        guard bytes.count - start >= headerLength, bytes[start...].starts(with: changeMagic) else { return true }
        return integer(bytes, at: start + 16) >= UInt64(bytes.count - start - headerLength)
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
}
