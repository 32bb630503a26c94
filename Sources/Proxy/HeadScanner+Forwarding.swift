extension HeadScanner {
    /// Copies the header lines that may be passed on, in runs; the head is the one that was scanned last.
    ///
    /// - Parameter keepsFraming: whether `Transfer-Encoding` goes along.
    /// - Returns: the offset after them.
    func putFields(
        _ bytes: Bytes, _ head: MessageHead, isRequest: Bool, keepsFraming: Bool, into memory: Memory, at offset: Int
    ) -> Int {
        var at = offset
        var runStart = head.fieldsStart
        var index = 0
        while index < head.fieldCount {
            let field = fields[index]
            let isDropped: Bool
            switch field.id {
            case .other, .host, .contentLength, .expect, .cookie, .traceParent, .traceState: isDropped = false
            case .transferEncoding: isDropped = !keepsFraming
            case .timeout: isDropped = isRequest
            case .connection, .requestID, .dropped: isDropped = true
            }
            if isDropped {
                at = memory.put(bytes.slice(runStart, Int(field.lineStart) - runStart), at: at)
                runStart = Int(field.lineEnd)
            }
            index += 1
        }
        return memory.put(bytes.slice(runStart, head.end - 2 - runStart), at: at)
    }

    /// Marks what tells of a trace as not to be passed on: of several, or of one that can't be read, none is right.
    func dropTrace(_ head: MessageHead) {
        for index in 0..<head.fieldCount {
            switch fields[index].id {
            case .traceParent, .traceState: fields[index].id = .dropped
            default: break
            }
        }
    }

    /// Marks what frames a body as not to be passed on: an answer that has none is not to be taken for one that has.
    func dropFraming(_ head: MessageHead) {
        for index in 0..<head.fieldCount {
            switch fields[index].id {
            case .contentLength, .transferEncoding: fields[index].id = .dropped
            default: break
            }
        }
    }
}
