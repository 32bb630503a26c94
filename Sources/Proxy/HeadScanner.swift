import Splitting

/// How far a scan came.
enum ScanResult: UInt8, BitwiseCopyable {
    case complete
    /// Nothing is wrong so far; more bytes are needed.
    case incomplete
    case invalid
    /// An HTTP version other than 1.0 and 1.1.
    case unsupportedVersion
    case tooManyFields
    case expectationFailed
}

/// How a message's body ends.
enum BodyKind: UInt8, BitwiseCopyable {
    case none
    case length
    case chunked
    /// With the connection; answers only.
    case close
}

/// What a scan found in a head; offsets count from the head's first byte.
struct MessageHead: BitwiseCopyable {
    var methodCount = 0
    var targetStart = 0
    var targetCount = 0
    /// 0 or 1, of HTTP/1.x.
    var minorVersion = 1
    var status = 0
    /// Where the first header line begins, and the end of the start line.
    var fieldsStart = 0
    var fieldCount = 0
    /// After the empty line.
    var end = 0
    var bodyKind = BodyKind.none
    var contentLength: UInt64 = 0
    var hasContentLength = false
    var hasConnection = false
    var wantsClose = false
    var wantsKeepAlive = false
    var expectsContinue = false
    var hasTraceState = false
    /// The index of the only `traceparent`, -1 without one, -2 where there are several.
    var traceParentField: Int16 = -1
    /// The index of the field, or -1.
    var hostField = -1
    var requestIDField = -1
    /// The least that an `x-request-timeout-ms` says; the greatest number without one.
    var timeoutMilliseconds = UInt64.max
    var isHead = false
}

/// Reads heads byte by byte, strictly as RFC 9112 has it: anything doubtful is refused, nothing is repaired.
///
/// Scans from the head's first byte each time; fields are left in `fields` until the next scan. Owned by one thread.
struct HeadScanner {
    static let maximumFields = 256

    let fields = FixedArray<HeaderField>(zeroed: HeadScanner.maximumFields)
    let characters = CharacterTable()

    func deallocate() {
        fields.deallocate()
        characters.deallocate()
    }

    // MARK: Start lines

    func scanRequest(_ input: Bytes, into head: inout MessageHead) -> ScanResult {
        var at = input.end(of: CharacterTable.method, characters)
        guard at < input.count else { return at > Self.maximumMethod ? .invalid : .incomplete }
        guard input[at] == 0x20, at > 0, at <= Self.maximumMethod else { return .invalid }
        head.methodCount = at
        head.isHead = input.slice(0, at).equals(Bytes("HEAD"))
        at += 1
        head.targetStart = at
        at = endOfTarget(input, at)
        guard at < input.count else { return .incomplete }
        guard input[at] == 0x20, at > head.targetStart else { return .invalid }
        head.targetCount = at - head.targetStart
        at += 1
        let version = scanVersion(input, at, &head)
        guard version == .complete else { return version }
        at += 8
        let line = scanLineEnd(input, at)
        guard line == .complete else { return line }
        head.fieldsStart = at + 2
        return scanFields(input, isRequest: true, &head)
    }

    func scanAnswer(_ input: Bytes, into head: inout MessageHead) -> ScanResult {
        let version = scanVersion(input, 0, &head)
        guard version == .complete else { return version }
        guard input.count >= 13 else { return .incomplete }
        guard input[8] == 0x20, input[9] &- 0x31 < 9, characters.has(input[10], CharacterTable.digit),
            characters.has(input[11], CharacterTable.digit), input[12] == 0x20 || input[12] == 0x0d
        else { return .invalid }
        head.status = Int(input[9] &- 0x30) * 100 + Int(input[10] &- 0x30) * 10 + Int(input[11] &- 0x30)
        let at = endOfValue(input, 12)
        guard at < input.count else { return .incomplete }
        let line = scanLineEnd(input, at)
        guard line == .complete else { return line }
        head.fieldsStart = at + 2
        return scanFields(input, isRequest: false, &head)
    }

    private static let maximumMethod = 24
    /// `HTTP/1.0` as a little-endian number; `HTTP/1.1` has one more bit.
    private static var http10: UInt64 { 0x302e_312f_5054_5448 }

    private func scanVersion(_ input: Bytes, _ at: Int, _ head: inout MessageHead) -> ScanResult {
        if at + 8 <= input.count, input.word64(at) & ~(1 << 56) == Self.http10 {
            head.minorVersion = Int(input[at + 7] &- 0x30)
            return .complete
        }
        let prefix = Bytes("HTTP/")
        for index in 0..<8 {
            guard at + index < input.count else { return .incomplete }
            let byte = input[at + index]
            switch index {
            case 0..<5: guard byte == prefix[index] else { return .invalid }
            case 6: guard byte == 0x2e else { return .invalid }
            default: guard characters.has(byte, CharacterTable.digit) else { return .invalid }
            }
        }
        guard input[at + 5] == 0x31, input[at + 7] <= 0x31 else { return .unsupportedVersion }
        head.minorVersion = Int(input[at + 7] &- 0x30)
        return .complete
    }

    @inline(__always)
    private func scanLineEnd(_ input: Bytes, _ at: Int) -> ScanResult {
        guard at < input.count else { return .incomplete }
        guard input[at] == 0x0d else { return .invalid }
        guard at + 1 < input.count else { return .incomplete }
        return input[at + 1] == 0x0a ? .complete : .invalid
    }

    // MARK: Fields

    /// The first byte that may not stand in a target, or the end.
    @inline(__always)
    private func endOfTarget(_ input: Bytes, _ start: Int) -> Int {
        var at = start
        while at &+ ByteBlock.count <= input.count {
            let found = input.block(at).targetCount
            at &+= found
            if found < ByteBlock.count { return at }
        }
        return input.end(of: CharacterTable.target, characters, from: at)
    }

    /// The first byte that may not stand in a value, or the end.
    @inline(__always)
    private func endOfValue(_ input: Bytes, _ start: Int) -> Int {
        var at = start
        while at &+ ByteBlock.count <= input.count {
            let found = input.block(at).textCount
            at &+= found
            guard found < ByteBlock.count else { continue }
            guard input[at] == 0x09 else { return at }
            at &+= 1
        }
        while at < input.count, isText(input[at]) { at &+= 1 }
        return at
    }

    @inline(__always)
    private func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }

    @inline(__always)
    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private func scanFields(_ input: Bytes, isRequest: Bool, _ head: inout MessageHead) -> ScanResult {
        var at = head.fieldsStart
        var index = 0
        while at < input.count {
            if input[at] == 0x0d {
                let end = scanLineEnd(input, at)
                guard end == .complete else { return end }
                head.fieldCount = index
                head.end = at &+ 2
                return isRequest ? finishRequest(input, &head) : finishAnswer(input, &head)
            }
            let start = at
            at = input.end(ofWords: CharacterTable.token, characters, from: at)
            guard at < input.count else { return .incomplete }
            guard input[at] == 0x3a, at > start else { return .invalid }
            let name = input.slice(start, at &- start)
            at &+= 1
            while at < input.count, isBlank(input[at]) { at &+= 1 }
            let valueStart = at
            at = endOfValue(input, at)
            let line = scanLineEnd(input, at)
            guard line == .complete else { return line }
            var valueEnd = at
            while valueEnd > valueStart, isBlank(input[valueEnd &- 1]) { valueEnd &-= 1 }
            at &+= 2
            guard index < Self.maximumFields else { return .tooManyFields }
            let id = HeaderID.of(name)
            fields[index] = HeaderField(
                lineStart: UInt16(truncatingIfNeeded: start), nameCount: UInt16(truncatingIfNeeded: name.count),
                valueStart: UInt16(truncatingIfNeeded: valueStart),
                valueCount: UInt16(truncatingIfNeeded: valueEnd &- valueStart),
                lineEnd: UInt16(truncatingIfNeeded: at), id: id)
            index &+= 1
            if id != .other {
                let result = note(index &- 1, input, isRequest: isRequest, &head)
                guard result == .complete else { return result }
            }
        }
        return .incomplete
    }

    /// Takes notice of a header that matters for framing or for the connection.
    private func note(_ index: Int, _ input: Bytes, isRequest: Bool, _ head: inout MessageHead) -> ScanResult {
        let value = fields[index].value(in: input)
        switch fields[index].id {
        case .contentLength:
            guard let length = decimal(value) else { return .invalid }
            if head.hasContentLength {
                guard head.contentLength == length else { return .invalid }
                fields[index].id = .dropped
            }
            head.hasContentLength = true
            head.contentLength = length
        case .transferEncoding:
            guard head.bodyKind != .chunked, value.equals(ignoringCase: "chunked") else { return .invalid }
            head.bodyKind = .chunked
        case .connection:
            head.hasConnection = true
            return noteConnection(value, &head)
        case .host:
            guard isRequest else { return .complete }
            guard head.hostField < 0, isAuthority(value) else { return .invalid }
            head.hostField = index
        case .expect:
            guard isRequest else { return .complete }
            guard value.equals(ignoringCase: "100-continue") else { return .expectationFailed }
            head.expectsContinue = true
        case .requestID:
            head.requestIDField = index
        case .timeout:
            if let milliseconds = decimal(value) {
                head.timeoutMilliseconds = min(head.timeoutMilliseconds, milliseconds)
            }
        case .traceParent:
            head.traceParentField = head.traceParentField == -1 ? Int16(truncatingIfNeeded: index) : -2
        case .traceState:
            head.hasTraceState = true
        case .other, .cookie, .dropped:
            break
        }
        return .complete
    }

    private func noteConnection(_ value: Bytes, _ head: inout MessageHead) -> ScanResult {
        var at = 0
        while at < value.count {
            let name = token(value, &at)
            if name.equals(ignoringCase: "close") {
                head.wantsClose = true
            } else if name.equals(ignoringCase: "keep-alive") {
                head.wantsKeepAlive = true
            } else if !name.isEmpty {
                switch HeaderID.of(name) {
                case .host, .contentLength, .transferEncoding: return .invalid
                default: break
                }
            }
        }
        return .complete
    }

    /// The next element of a comma-separated list, without white space around it.
    private func token(_ value: Bytes, _ at: inout Int) -> Bytes {
        var end = value.first(0x2c, from: at)
        if end < 0 { end = value.count }
        var start = at
        at = end + 1
        while start < end, value[start] == 0x20 || value[start] == 0x09 { start += 1 }
        while end > start, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
        return value.slice(start, end - start)
    }

    /// Marks the fields that `Connection` names as meant for this hop only.
    func dropConnectionNames(_ input: Bytes, _ head: MessageHead) {
        guard head.hasConnection else { return }
        for index in 0..<head.fieldCount where fields[index].id == .connection {
            let value = fields[index].value(in: input)
            var at = 0
            while at < value.count {
                let name = token(value, &at)
                if name.isEmpty || name.equals(ignoringCase: "close") || name.equals(ignoringCase: "keep-alive") {
                    continue
                }
                for other in 0..<head.fieldCount where fields[other].id != .connection {
                    let candidate = fields[other].name(in: input)
                    if candidate.count == name.count, equalIgnoringCase(candidate, name) { fields[other].id = .dropped }
                }
            }
        }
    }

    private func equalIgnoringCase(_ left: Bytes, _ right: Bytes) -> Bool {
        for index in 0..<left.count where Bytes.lowercase(left[index]) != Bytes.lowercase(right[index]) {
            return false
        }
        return true
    }

    private func finishRequest(_ input: Bytes, _ head: inout MessageHead) -> ScanResult {
        if head.bodyKind == .chunked {
            // A sender of 1.0 does not know chunks, and both lengths at once are what smuggling is made of.
            guard !head.hasContentLength, head.minorVersion == 1 else { return .invalid }
        } else if head.hasContentLength {
            head.bodyKind = head.contentLength > 0 ? .length : .none
        }
        guard head.hostField >= 0 || head.minorVersion == 0, !isForeign(input.slice(0, head.methodCount)) else {
            return .invalid
        }
        return .complete
    }

    private func finishAnswer(_ input: Bytes, _ head: inout MessageHead) -> ScanResult {
        if head.bodyKind == .chunked {
            guard !head.hasContentLength, head.minorVersion == 1 else { return .invalid }
        } else {
            head.bodyKind = head.hasContentLength ? .length : .close
        }
        return .complete
    }

    private func decimal(_ value: Bytes) -> UInt64? {
        guard (1...18).contains(value.count) else { return nil }
        var result: UInt64 = 0
        for index in 0..<value.count {
            guard characters.has(value[index], CharacterTable.digit) else { return nil }
            result = result * 10 + UInt64(value[index] &- 0x30)
        }
        return result
    }

    func isHost(_ value: Bytes) -> Bool {
        value.end(ofWords: CharacterTable.host, characters) == value.count
    }
}
