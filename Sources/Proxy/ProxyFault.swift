import Splitting

/// Answers that Turnout makes itself; each has a code for machines, a sentence for people and a status.
enum ProxyFault: UInt8, CaseIterable, BitwiseCopyable {
    case badRequest
    case headTooLarge
    case bodyTooLarge
    case headerTimeout
    case requestTimeout
    case expectationFailed
    case versionNotSupported
    case endpointNotFound
    case versionNotServed
    case routingKeyMissing
    case noHealthyBackend
    case connectFailed
    case backendClosed
    case badAnswer
    case timeout
    case overloaded
    case notReady
    case deadlineExceeded
    case concurrencyLimit
    case backendsBusy
    case memoryPressure

    var code: StaticString {
        switch self {
        case .badRequest: "bad_request"
        case .headTooLarge: "head_too_large"
        case .bodyTooLarge: "body_too_large"
        case .headerTimeout: "header_timeout"
        case .requestTimeout: "request_timeout"
        case .expectationFailed: "expectation_failed"
        case .versionNotSupported: "http_version_not_supported"
        case .endpointNotFound: "endpoint_not_found"
        case .versionNotServed: "version_not_served"
        case .routingKeyMissing: "routing_key_missing"
        case .noHealthyBackend: "no_healthy_backend"
        case .connectFailed: "connect_failed"
        case .backendClosed: "backend_closed"
        case .badAnswer: "bad_answer"
        case .timeout: "timeout"
        case .overloaded: "overloaded"
        case .notReady: "not_ready"
        case .deadlineExceeded: "deadline_exceeded"
        case .concurrencyLimit: "concurrency_limit"
        case .backendsBusy: "backends_busy"
        case .memoryPressure: "memory_pressure"
        }
    }

    /// The status line's rest, after the version.
    var status: StaticString {
        switch self {
        case .badRequest, .routingKeyMissing: "400 Bad Request"
        case .endpointNotFound, .versionNotServed: "404 Not Found"
        case .headerTimeout, .requestTimeout: "408 Request Timeout"
        case .bodyTooLarge: "413 Content Too Large"
        case .expectationFailed: "417 Expectation Failed"
        case .headTooLarge: "431 Request Header Fields Too Large"
        case .connectFailed, .backendClosed, .badAnswer: "502 Bad Gateway"
        case .noHealthyBackend, .overloaded, .notReady, .concurrencyLimit, .backendsBusy, .memoryPressure:
            "503 Service Unavailable"
        case .timeout, .deadlineExceeded: "504 Gateway Timeout"
        case .versionNotSupported: "505 HTTP Version Not Supported"
        }
    }

    /// The first digit of the status.
    var statusClass: Int { Int(Bytes(status)[0] - 0x30) }

    var statusCode: UInt16 {
        let text = Bytes(status)
        return (0..<3).reduce(0) { $0 * 10 + UInt16(text[$1] - 0x30) }
    }

    var message: StaticString {
        switch self {
        case .badRequest: "The request is not valid HTTP/1.1 and was not forwarded."
        case .headTooLarge: "The request line and headers are larger than this proxy accepts."
        case .bodyTooLarge: "The request body is larger than this proxy accepts."
        case .headerTimeout: "The request's headers did not arrive in time."
        case .requestTimeout: "The request's body did not arrive in time."
        case .expectationFailed: "Only 'Expect: 100-continue' is understood."
        case .versionNotSupported: "Only HTTP/1.1 and HTTP/1.0 are spoken here."
        case .endpointNotFound: "No endpoint has this name or host."
        case .versionNotServed: "No variant of the endpoint serves this version."
        case .routingKeyMissing: "The request carries no routing key, and the endpoint requires one."
        case .noHealthyBackend: "No backend of the variant is healthy."
        case .connectFailed: "No connection to a backend of the variant could be made."
        case .backendClosed: "The backend closed the connection before it answered."
        case .badAnswer: "The backend's answer is not valid HTTP/1.1."
        case .timeout: "The backend did not answer within the endpoint's timeout."
        case .overloaded: "The proxy has no room for another request."
        case .notReady: "The proxy has no routing table yet."
        case .deadlineExceeded:
            "The backend did not answer within the time that the request's x-request-timeout-ms gave."
        case .concurrencyLimit: "The endpoint has as many requests in flight at this proxy as it may have."
        case .backendsBusy: "Every healthy backend of the variant has as many connections as the endpoint allows."
        case .memoryPressure: "The proxy has too little memory left for another request."
        }
    }
}
