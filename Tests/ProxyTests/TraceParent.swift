/// A `traceparent` as W3C Trace Context writes version 00, read letter by letter: it shares nothing with the proxy's reading.
struct TraceParent {
    let traceID: String
    let parentID: String
    let flags: String

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.map(\.count) == [2, 32, 16, 2], parts[0] == "00",
            parts.allSatisfy({ $0.allSatisfy("0123456789abcdef".contains) }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        (traceID, parentID, flags) = (parts[1], parts[2], parts[3])
    }
}
