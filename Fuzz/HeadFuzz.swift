/// The scanner of heads, over any bytes: it never reads outside of them, says the same however they arrive, and what
/// the proxy makes of an accepted head is accepted again with the same framing.
enum HeadFuzz {
    // libFuzzer calls from one thread.
    nonisolated(unsafe) static let scanner = HeadScanner()

    static func request(_ input: [UInt8]) {
        withExactBytes(input) { bytes in
            if let head = scan(bytes, isRequest: true) { request(bytes, head) }
        }
    }

    private static func request(_ bytes: Bytes, _ head: MessageHead) {
        // Nothing but a space separates the parts of the line, and they are where the scan says.
        check(bytes[head.methodCount] == 0x20, "a space after the method")
        check(bytes[head.targetStart + head.targetCount] == 0x20, "a space after the target")
        check(bytes.slice(head.targetStart, head.targetCount).first(0x20) < 0, "no space in the target")
        check(head.bodyKind != .close, "a request never ends with its connection")
        check(head.hostField >= 0 || head.minorVersion == 0, "a request of 1.1 has a host")
        forward(bytes, head, isRequest: true)
    }

    static func answer(_ input: [UInt8]) {
        withExactBytes(input) { bytes in
            if let head = scan(bytes, isRequest: false) { answer(bytes, head) }
        }
    }

    private static func answer(_ bytes: Bytes, _ head: MessageHead) {
        check((100...999).contains(head.status), "a status has three digits")
        check(head.bodyKind != .none, "an answer's body has a framing until its status is looked at")
        forward(bytes, head, isRequest: false)
    }

    private static func scan(_ bytes: Bytes, _ isRequest: Bool) -> (ScanResult, MessageHead) {
        var head = MessageHead()
        let result =
            isRequest ? scanner.scanRequest(bytes, into: &head) : scanner.scanAnswer(bytes, into: &head)
        return (result, head)
    }

    /// Scans all of the input, and compares with scans of its beginnings.
    private static func scan(_ whole: Bytes, isRequest: Bool) -> MessageHead? {
        guard (1...16_384).contains(whole.count) else { return nil }
        let (result, head) = scan(whole, isRequest)
        let step = max(1, whole.count / 64)
        for count in stride(from: 1, to: whole.count, by: step) {
            let (early, earlyHead) = scan(whole.slice(0, count), isRequest)
            guard early != .incomplete else { continue }
            check(early == result, "a verdict once given stays")
            if early == .complete { check(earlyHead.end == head.end, "a head ends where it ended") }
        }
        guard result == .complete else { return nil }
        // The fields are those of the last scan.
        let (again, scanned) = scan(whole, isRequest)
        check(again == .complete && scanned.end <= whole.count && scanned.end >= 4, "a head ends within its bytes")
        let end = whole.slice(scanned.end - 4, 4)
        check(end.equals(Bytes("\r\n\r\n")), "a head ends in an empty line")
        for index in 0..<scanned.end where whole[index] == 0 || (whole[index] == 0x0a && whole[index - 1] != 0x0d) {
            check(false, "no NUL and no bare line feed in a head")
        }
        for index in 0..<(scanned.end - 1) where whole[index] == 0x0d {
            check(whole[index + 1] == 0x0a, "no bare carriage return in a head")
        }
        return scanned
    }

    private static func forward(_ bytes: Bytes, _ head: MessageHead, isRequest: Bool) {
        guard let memory = Memory(reserving: 65_536) else { return }
        defer { memory.deallocate() }
        scanner.dropConnectionNames(bytes, head)
        var at = 0
        if isRequest {
            at = memory.put(bytes.slice(0, head.targetStart + head.targetCount), at: 0)
            at = memory.put(" HTTP/1.1\r\n", at: at)
            if head.hostField < 0 { at = memory.put("host: turnout\r\n", at: at) }
        } else {
            at = memory.put("HTTP/1.1", at: 0)
            at = memory.put(bytes.slice(8, head.fieldsStart - 8), at: at)
        }
        at = scanner.putFields(bytes, head, isRequest: isRequest, keepsFraming: true, into: memory, at: at)
        at = memory.put("\r\n", at: at)
        let (result, forwarded) = scan(memory.view(0, at), isRequest)
        check(result == .complete && forwarded.end == at, "what is forwarded is a whole head")
        check(forwarded.bodyKind == head.bodyKind, "what is forwarded has the same framing")
        check(forwarded.contentLength == head.contentLength, "what is forwarded has the same length")
        check(!forwarded.wantsClose && !forwarded.wantsKeepAlive, "nothing of the hop is forwarded")
        var lengths = 0
        for index in 0..<forwarded.fieldCount {
            switch scanner.fields[index].id {
            case .connection, .dropped: check(false, "nothing of the hop and nothing of Turnout's is forwarded")
            case .contentLength, .transferEncoding: lengths += 1
            case .traceParent: _ = TraceContext.traceID(scanner.fields[index].value(in: memory.view(0, at)))
            case .other, .host, .expect, .cookie, .requestID, .timeout, .traceState: break
            }
        }
        check(lengths <= 1, "one length at most is forwarded")
    }
}
