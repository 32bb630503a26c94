/// The decoder of chunked bodies: it says the same however the bytes arrive, agrees with a plain reading of the grammar
/// about what it accepts, and never lets a control character through outside of the data.
enum ChunkFuzz {
    // libFuzzer calls from one thread.
    nonisolated(unsafe) static let characters = CharacterTable()

    struct Outcome: Equatable {
        var progress = ChunkedDecoder.Progress.more
        var used = 0
        var body: [UInt8] = []
    }

    static func run(_ input: [UInt8]) {
        guard (1...8192).contains(input.count) else { return }
        withExactBytes(input) { run(input, $0) }
    }

    private static func run(_ input: [UInt8], _ bytes: Bytes) {
        let whole = decode(bytes, input) { input.count - $0 }
        let single = decode(bytes, input) { _ in 1 }
        var dice = UInt64(input[0]) | 1
        let pieces = decode(bytes, input) { _ in
            dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(dice >> 60) + 1
        }
        check(whole == single && whole == pieces, "chunks are followed alike however they arrive")
        guard whole.progress == .finished else { return }
        check(plain(input, whole.used) == whole.body, "an accepted body is what the grammar says")
    }

    private static func decode(_ whole: Bytes, _ input: [UInt8], _ next: (Int) -> Int) -> Outcome {
        var decoder = ChunkedDecoder()
        var outcome = Outcome()
        while outcome.progress == .more, outcome.used < input.count {
            let start = outcome.used
            let bytes = whole.slice(start, min(next(start), input.count - start))
            var used = 0
            outcome.progress = decoder.consume(bytes, at: &used, characters: characters) {
                outcome.body += input[(start + $0)..<(start + $0 + $1)]
            }
            outcome.used += used
        }
        // Where a body breaks is told by bytes alone, how much of it had come by the pieces.
        if outcome.progress == .invalid { outcome.body = [] }
        return outcome
    }

    /// Reads lines and data as RFC 9112 §7.1 has them, without care for speed.
    /// - Returns: `nil` when the bytes up to `end` are no chunked body.
    private static func plain(_ input: [UInt8], _ end: Int) -> [UInt8]? {
        var at = 0
        var body: [UInt8] = []
        func line() -> [UInt8]? {
            var stop = at
            while stop + 1 < end, !(input[stop] == 0x0d && input[stop + 1] == 0x0a) { stop += 1 }
            guard stop + 1 < end else { return nil }
            defer { at = stop + 2 }
            let text = Array(input[at..<stop])
            return text.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 } ? text : nil
        }
        while true {
            guard let text = line() else { return nil }
            let digits = text.prefix { $0 != 0x3b }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), digits.first != 0x2b,
                digits.first != 0x2d
            else { return nil }
            if size == 0 { break }
            guard size <= end - at - 2, input[at + size] == 0x0d, input[at + size + 1] == 0x0a else { return nil }
            body += input[at..<(at + size)]
            at += size + 2
        }
        while let text = line() {
            if text.isEmpty { return at == end ? body : nil }
            guard let colon = text.firstIndex(of: 0x3a), colon > 0,
                text[..<colon].allSatisfy({ characters.has($0, CharacterTable.token) })
            else { return nil }
        }
        return nil
    }
}
