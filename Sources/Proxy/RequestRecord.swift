/// What became of one request, as a loop writes it down for others to read: plain bytes of one size, names as numbers.
/// The request's id stands behind it in the ring.
struct RequestRecord: BitwiseCopyable {
    /// On the clock that never jumps.
    var finishedAt: UInt64 = 0
    var nanoseconds: UInt64 = 0
    var trace = TraceID()
    var requestBytes: UInt64 = 0
    var answerBytes: UInt64 = 0
    /// The method's first eight bytes, the first of them lowest, zeros behind; 0 where none was read.
    var method: UInt64 = 0
    /// The counters' block of the variant, or of the endpoint; the loop's own where none was found.
    var block: Int32 = 0
    /// Of the backend that got the request last; -1: none did.
    var slot: Int32 = -1
    /// 0: the client got none.
    var status: UInt16 = 0
    var end = RequestEnd.answered
    var reason = RouteReason.split
    var sendings: UInt8 = 0
    var isSlow = false
    /// It belongs into the access log.
    var isLogged = false

    static let longestID = 128
}

/// What kept a request from being answered by a scorer, whole.
struct RequestEnd: BitwiseCopyable, Equatable {
    private let number: UInt8

    static let answered = RequestEnd(number: 0)
    /// The proxy ended before the answer did.
    static let stopped = RequestEnd(number: 253)
    /// The client left before it had its answer.
    static let clientClosed = RequestEnd(number: 254)
    /// The client did not take its answer in time.
    static let truncated = RequestEnd(number: 255)

    init(_ fault: ProxyFault) { number = fault.rawValue + 1 }
    private init(number: UInt8) { self.number = number }

    var fault: ProxyFault? { number == 0 ? nil : ProxyFault(rawValue: number - 1) }

    /// As answers and metrics name it; `nil` for a scorer's own answer.
    var code: String? {
        switch self {
        case .answered: nil
        case .stopped: "stopped"
        case .clientClosed: "client_closed"
        case .truncated: "truncated"
        default: fault.map { Bytes($0.code).string }
        }
    }
}
