package import Resources

/// Takes the bytes of a table stream in pieces of any size, and gives back whole frames.
package struct TableFrameReader: Sendable {
    private static let headLength = 5
    private var pending: [UInt8] = []

    package init() {}

    /// - Returns: the frames that `bytes` completed, in order.
    /// - Throws: `TurnoutError` with code `invalid` when this is not such a stream; the reader is of no use afterwards.
    package mutating func read(_ bytes: some Collection<UInt8>) throws(TurnoutError) -> [TableFrame] {
        pending.append(contentsOf: bytes)
        var frames: [TableFrame] = []
        var start = 0
        while pending.count - start >= Self.headLength {
            let length = pending[start + 1..<start + Self.headLength].reduce(0) { $0 << 8 | Int($1) }
            guard pending[start] <= 2, length <= TableFrame.maximumPayload, pending[start] != 0 || length == 0 else {
                throw TurnoutError(.invalid, "The table stream holds a frame that this version does not know.")
            }
            let end = start + Self.headLength + length
            guard pending.count >= end else { break }
            let payload = Array(pending[start + Self.headLength..<end])
            switch pending[start] {
            case 0: frames.append(.heartbeat)
            case 1: frames.append(.table(payload))
            default: frames.append(.delta(payload))
            }
            start = end
        }
        pending.removeFirst(start)
        return frames
    }
}
