package import Resources

/// What became of one request, with its names: an entry of the slow requests and of the access log.
package struct FinishedRequest: Sendable, Hashable {
    package var finishedAt: Timestamp
    /// From the request's first byte read to the answer's last byte written.
    package var duration: Duration
    /// `nil` where none was found, as all that follows from it.
    package var endpoint: String?
    package var variant: String?
    /// `fraud/12`
    package var version: String?
    /// Why that variant: `split`, `override`, `version`, `no-key`.
    package var reason: String?
    /// The last one that the request was given to.
    package var backend: String?
    /// Its first eight letters; `nil` where no valid request came.
    package var method: String?
    /// Of the answer that the client got, at least its beginning.
    package var status: Int?
    /// The code of Turnout's own answer, `client_closed` or `truncated`; `nil` for a scorer's whole answer.
    package var error: String?
    /// Connections to scorers that the request was given.
    package var attempts: Int
    package var requestBytes: UInt64
    package var answerBytes: UInt64
    package var traceID: String
    package var requestID: String

    package init(
        finishedAt: Timestamp, duration: Duration, endpoint: String?, variant: String?, version: String?,
        reason: String?, backend: String?, method: String?, status: Int?, error: String?, attempts: Int,
        requestBytes: UInt64, answerBytes: UInt64, traceID: String, requestID: String
    ) {
        self.finishedAt = finishedAt
        self.duration = duration
        self.endpoint = endpoint
        self.variant = variant
        self.version = version
        self.reason = reason
        self.backend = backend
        self.method = method
        self.status = status
        self.error = error
        self.attempts = attempts
        self.requestBytes = requestBytes
        self.answerBytes = answerBytes
        self.traceID = traceID
        self.requestID = requestID
    }
}

extension FinishedRequest {
    /// Writes the fields that the docs name, in that order.
    func write(into json: inout JSONText) {
        json.object { json in
            // Microseconds are more than a request's end is known to.
            json.string("finishedAt", finishedAt.description.dropLast(4) + "Z")
            json.string("endpoint", endpoint)
            json.string("variant", variant)
            json.string("version", version)
            json.string("reason", reason)
            json.string("backend", backend)
            json.string("method", method)
            if let status { json.number("status", status) } else { json.string("status", nil) }
            json.string("error", error)
            json.decimal("durationMs", duration / .milliseconds(1))
            json.number("attempts", attempts)
            json.number("requestBytes", requestBytes)
            json.number("answerBytes", answerBytes)
            json.string("traceId", traceID)
            json.string("requestId", requestID)
        }
    }
}
