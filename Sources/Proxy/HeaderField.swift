import Splitting

/// Headers that the proxy acts upon; all others pass through unseen.
enum HeaderID: UInt8, BitwiseCopyable {
    case other
    case host
    case contentLength
    case transferEncoding
    case connection
    case expect
    case cookie
    case requestID
    /// How many milliseconds the sender still waits.
    case timeout
    /// W3C Trace Context.
    case traceParent
    case traceState
    /// Not forwarded: meant for one hop, or reserved for Turnout.
    case dropped

    /// What a name stands for, in any case.
    @inline(__always)
    static func of(_ name: Bytes) -> HeaderID {
        switch name.count {
        case 2: return name.equals(ignoringCase: "te") ? .dropped : .other
        case 4: return name.equals(ignoringCase: "host") ? .host : .other
        case 6:
            if name.equals(ignoringCase: "expect") { return .expect }
            return name.equals(ignoringCase: "cookie") ? .cookie : .other
        case 7: return name.equals(ignoringCase: "upgrade") ? .dropped : .other
        case 10:
            if name.equals(ignoringCase: "connection") { return .connection }
            if name.equals(ignoringCase: "keep-alive") { return .dropped }
            if name.equals(ignoringCase: "tracestate") { return .traceState }
        case 11: if name.equals(ignoringCase: "traceparent") { return .traceParent }
        case 12: if name.equals(ignoringCase: "x-request-id") { return .requestID }
        case 14: if name.equals(ignoringCase: "content-length") { return .contentLength }
        case 16: if name.equals(ignoringCase: "proxy-connection") { return .dropped }
        case 17: if name.equals(ignoringCase: "transfer-encoding") { return .transferEncoding }
        case 20: if name.equals(ignoringCase: "x-request-timeout-ms") { return .timeout }
        default: break
        }
        if name.count >= 10, name[0] | 0x20 == 0x78, name.hasPrefix(ignoringCase: Bytes("x-turnout-")) {
            return .dropped
        }
        return .other
    }
}

/// A header line of the head that was scanned last, as offsets from the head's start.
struct HeaderField: BitwiseCopyable {
    var lineStart: UInt16 = 0
    var nameCount: UInt16 = 0
    var valueStart: UInt16 = 0
    var valueCount: UInt16 = 0
    /// After the line's CRLF.
    var lineEnd: UInt16 = 0
    var id = HeaderID.other

    @inline(__always)
    func name(in head: Bytes) -> Bytes { head.slice(Int(lineStart), Int(nameCount)) }
    @inline(__always)
    func value(in head: Bytes) -> Bytes { head.slice(Int(valueStart), Int(valueCount)) }
}
