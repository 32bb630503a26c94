/// A client's connection or one to a backend: a plain struct in the loop's slab.
struct Connection: SlabElement {
    enum Phase: UInt8, BitwiseCopyable {
        // Clients
        /// No byte of a request has come.
        case idle
        /// Part of a head has come.
        case head
        /// A request is with a backend, or on its way there or back.
        case exchange
        /// The answer is complete but the kernel has not taken all of it.
        case flushing
        /// Everything is sent, and what the client still sends is thrown away until it closes, so that no reset
        /// overtakes the answer.
        case lingering
        // Backends
        case connecting
        case active
        case pooled
    }

    var generation: UInt32 = 0
    var nextFree: Int32 = -1
    var descriptor: Int32 = -1
    var phase = Phase.idle
    /// The kernel may have bytes, as far as edges and short reads tell.
    var readReady = false
    /// The peer has closed its direction; the end is still to be read.
    var peerClosed = false
    /// What is in the input buffer is not a whole head.
    var headIsPartial = false
    /// Output that the kernel refused.
    var outBuffer: Int32 = -1
    var outStart: Int32 = 0
    var outEnd: Int32 = 0
    /// Input that waits: part of a head, or requests that were sent before this one was answered.
    var inBuffer: Int32 = -1
    var inStart: Int32 = 0
    var inEnd: Int32 = 0
    /// The other side's connection while there is an exchange.
    var partner: Int32 = -1
    /// Backends: the slot in the directory, and the neighbours in the pool.
    var slot: Int32 = -1
    var poolNext: Int32 = -1
    var poolPrevious: Int32 = -1
    /// Backends: the connection served a request before this one.
    var isReused = false
    /// Backends: something of an answer has come for the current request.
    var hasAnswered = false
    /// Backends: the request has one of the places that its endpoint allows there.
    var holdsPlace = false
    /// Backends: the request may have been sent elsewhere as well by now; its next time is that for each try.
    var isOverdue = false
    /// Clients: when the first byte of a partial head came.
    var headStartedAt: UInt64 = 0
    var exchange = Exchange()

    var isBackend: Bool { phase == .connecting || phase == .active || phase == .pooled }
}

/// Why a variant was chosen, as `x-turnout-reason` says it.
enum RouteReason: UInt8, BitwiseCopyable {
    case split
    case override
    case version
    case noKey

    var text: StaticString {
        switch self {
        case .split: "split"
        case .override: "override"
        case .version: "version"
        case .noKey: "no-key"
        }
    }
}

/// One request and its answer, kept in the client's connection.
struct Exchange: BitwiseCopyable {
    var table: ServedTable?
    var route: ServedRoute?
    var arm = -1
    var reason = RouteReason.split
    /// The access log is to show it.
    var isSampled = false
    /// As `RequestRecord.method`.
    var method: UInt64 = 0
    var startedAt: UInt64 = 0
    /// When it is given up, or `TimerWheel.never`.
    var deadline = TimerWheel.never
    /// The client set the deadline, earlier than the endpoint would.
    var isClientsDeadline = false
    /// It counts among those in flight; also among those that the endpoint's own limit bounds.
    var isAdmitted = false
    var isLimited = false

    var requestKind = BodyKind.none
    var requestIsDone = false
    var isHead = false
    var minorVersion: UInt8 = 1
    /// The client wants `connection: keep-alive` confirmed, as speakers of 1.0 do.
    var confirmsKeepAlive = false
    /// The client's connection ends with this exchange.
    var closes = false
    /// The whole request so far is in the request buffer and can be sent again.
    var isKept = true
    var requestLeft: UInt64 = 0
    var requestDecoder = ChunkedDecoder()
    /// The head as sent to the backend and the beginning of the body; lives until the answer's head has come.
    var requestBuffer: Int32 = -1
    var requestEnd: Int32 = 0
    var requestSent: Int32 = 0
    /// The request's id within the request buffer.
    var idStart: Int32 = 0
    var idCount: Int32 = 0
    /// The request's id is made of the trace's number.
    var idIsTrace = false
    /// The trace that it belongs to, as it came or as Turnout made it; 0 before its head was looked at.
    var trace = TraceID()
    /// The trace came with the request, and its line goes on as it is.
    var passesTrace = false
    /// Where the remaining time stands in the request buffer; -1: nowhere.
    var timeoutStart: Int32 = -1

    var answerKind = BodyKind.none
    var answerHasBegun = false
    var answerIsDone = false
    /// The client speaks 1.0 and the backend sends chunks: they are unwrapped.
    var unwrapsChunks = false
    var backendStays = false
    var answerLeft: UInt64 = 0
    var answerDecoder = ChunkedDecoder()
    var status: Int32 = 0
    /// What became of it, so far as it is known; and whether Turnout itself says so to the client.
    var end = RequestEnd.answered
    var isOwnAnswer = false
    /// Of the backend that got it last; -1: none did.
    var slot: Int32 = -1
    /// The backend's connection that has the whole request already and is listened to beside the partner; -1: none.
    var rival: Int32 = -1
    /// The slot of the backend that got the request while another one had it, the last of them; -1: none did.
    var hedgeSlot: Int32 = -1
    var interimCount: UInt8 = 0

    /// Sendings beyond the first under the retry policy.
    var attempts: UInt8 = 0
    /// Backends that were connected to or sent to for this request.
    var sendings: UInt8 = 0
    /// Which of the arm's first 64 backends were tried.
    var tried: UInt64 = 0
    var requestBytes: UInt64 = 0
    var answerBytes: UInt64 = 0
}
