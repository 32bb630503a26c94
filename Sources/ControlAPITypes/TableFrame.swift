/// One message of `GET /api/v1/proxies/{id}/tables`: a byte that says what it is, the payload's length as four bytes
/// (big-endian), the payload.
package enum TableFrame: Sendable, Hashable {
    /// Nothing new; the server is there. Every 5 seconds.
    case heartbeat
    /// A routing table in its binary form.
    case table([UInt8])

    /// A table with more bytes is refused by the reader. 256 MiB.
    package static let maximumPayload = 256 << 20

    package var bytes: [UInt8] {
        switch self {
        case .heartbeat: return [0, 0, 0, 0, 0]
        case .table(let payload):
            let count = UInt32(clamping: payload.count)
            return [1, UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
                + payload
        }
    }
}
