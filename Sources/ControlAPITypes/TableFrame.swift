/// One message of `GET /api/v1/proxies/{id}/tables`: a byte that says what it is, the payload's length as four bytes
/// (big-endian), the payload.
package enum TableFrame: Sendable, Hashable {
    /// Nothing new; the server is there. Every 5 seconds.
    case heartbeat
    /// A whole routing table in its binary form.
    case table([UInt8])
    /// What changed since the table that the proxy has, in its binary form.
    case delta([UInt8])

    /// A frame with more bytes is refused by the reader. 256 MiB.
    package static let maximumPayload = 256 << 20

    package var bytes: [UInt8] {
        switch self {
        case .heartbeat: return [0, 0, 0, 0, 0]
        case .table(let payload): return Self.framed(1, payload)
        case .delta(let payload): return Self.framed(2, payload)
        }
    }

    private static func framed(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let count = UInt32(clamping: payload.count)
        return [kind, UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
            + payload
    }
}
