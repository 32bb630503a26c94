import Splitting

/// What surrounds a table on disk, little-endian: 8 bytes of magic, the generation, the table's length, and XXH64 of
/// all else; then the table. A disk that tears or flips is noticed before the table's decoder sees a byte.
extension TableFile {
    private static let magic = Array("TURNOUT1".utf8)
    private static let headerLength = 32

    static func frame(_ body: [UInt8], generation: UInt64) -> [UInt8] {
        var header = magic
        append(generation, to: &header)
        append(UInt64(body.count), to: &header)
        append(XXH64.hash(header + body), to: &header)
        return header + body
    }

    static func unframe(_ contents: [UInt8]) throws(TableFileError) -> (generation: UInt64, body: [UInt8]) {
        guard contents.count >= headerLength else {
            throw TableFileError(.damaged, "\(contents.count) bytes, shorter than its header")
        }
        guard contents.starts(with: magic) else {
            throw TableFileError(.damaged, "it does not start as a stored routing table does")
        }
        let body = Array(contents[headerLength...])
        let length = integer(contents, at: 16)
        guard length == UInt64(body.count) else {
            throw TableFileError(.damaged, "\(body.count) bytes of table where its header says \(length)")
        }
        guard XXH64.hash(contents[..<24] + body) == integer(contents, at: 24) else {
            throw TableFileError(.damaged, "its checksum does not match")
        }
        return (integer(contents, at: 8), body)
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
}
