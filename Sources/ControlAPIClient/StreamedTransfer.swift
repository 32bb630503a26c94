import CCurl
import Foundation
import Synchronization

/// One GET whose answer is read as it comes, for as long as it lasts: a thread, and libcurl.
///
/// Not URLSession, which on Linux watches a waiting connection for writability for ever and so burns half a core.
final class StreamedTransfer: Sendable {
    enum Ending: Sendable {
        /// The server ended an answer with this status.
        case answered(status: Int)
        case cancelled
        case failed(String)
    }

    /// Nothing for this long means that the server is gone.
    private static let silenceSeconds = 20
    private static let connectSeconds = 10

    private struct State {
        // Only ever used with the lock held, except by the transfer's own thread.
        nonisolated(unsafe) var multi: OpaquePointer?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Starts at once. Both closures are called on the transfer's thread, `onEnd` once and last.
    ///
    /// - Parameter onData: gets the status and the next bytes; false ends the transfer.
    init(
        url: String, headers: [String], onData: @escaping @Sendable (Int, Data) -> Bool,
        onEnd: @escaping @Sendable (Ending) -> Void
    ) {
        Thread.detachNewThread { [self] in
            onEnd(perform(url: url, headers: headers, onData: onData))
        }
    }

    /// Ends the transfer soon; may be called at any time, from anywhere.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let multi = state.multi { curl_multi_wakeup(UnsafeMutableRawPointer(multi)) }
        }
    }

    private func perform(url: String, headers: [String], onData: @escaping (Int, Data) -> Bool) -> Ending {
        guard let easy = curl_easy_init(), let multi = curl_multi_init() else { return .failed("out of memory") }
        state.withLock { $0.multi = OpaquePointer(multi) }
        var list: UnsafeMutablePointer<curl_slist>?
        for header in headers { list = curl_slist_append(list, header) }
        let sink = Sink(easy: easy, onData: onData)
        turnout_curl_set_text(easy, CURLOPT_URL, url)
        turnout_curl_set_headers(easy, list)
        turnout_curl_set_number(easy, CURLOPT_NOSIGNAL, 1)
        turnout_curl_set_number(easy, CURLOPT_CONNECTTIMEOUT, Self.connectSeconds)
        turnout_curl_set_number(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
        turnout_curl_set_number(easy, CURLOPT_LOW_SPEED_TIME, Self.silenceSeconds)
        turnout_curl_set_writer(easy, Sink.write, Unmanaged.passUnretained(sink).toOpaque())
        curl_multi_add_handle(multi, easy)
        let ending = withExtendedLifetime(sink) { wait(multi, easy) }
        curl_multi_remove_handle(multi, easy)
        state.withLock { $0.multi = nil }
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
        curl_slist_free_all(list)
        return ending
    }

    private func wait(_ multi: UnsafeMutableRawPointer, _ easy: UnsafeMutableRawPointer) -> Ending {
        var running: Int32 = 0
        var result = CURLE_OK
        while true {
            if state.withLock(\.isCancelled) { return .cancelled }
            let code = curl_multi_perform(multi, &running)
            guard code == CURLM_OK else { return .failed(String(cString: curl_multi_strerror(code))) }
            if turnout_curl_ended(multi, &result) != 0 {
                guard result == CURLE_OK else { return .failed(String(cString: curl_easy_strerror(result))) }
                return .answered(status: turnout_curl_status(easy))
            }
            curl_multi_poll(multi, nil, 0, 1000, nil)
        }
    }

    /// What libcurl calls back into; lives as long as its transfer.
    private final class Sink {
        private let easy: UnsafeMutableRawPointer
        private let onData: (Int, Data) -> Bool

        init(easy: UnsafeMutableRawPointer, onData: @escaping (Int, Data) -> Bool) {
            self.easy = easy
            self.onData = onData
        }

        static let write: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
            bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
            let wanted = sink.onData(turnout_curl_status(sink.easy), Data(bytes: bytes, count: size * count))
            return wanted ? size * count : 0
        }
    }
}
