/// A request to the admin port, as much of it as the admin port looks at.
struct AdminRequest: Sendable, Hashable {
    let method: String
    /// Without the query.
    let path: String

    enum Parsed: Sendable, Hashable {
        case incomplete
        case malformed
        case request(AdminRequest)
    }

    /// Reads the request line once the head is complete; header fields are not looked at, and a body is not read.
    static func parse(_ bytes: [UInt8]) -> Parsed {
        guard endOfHead(bytes) else { return .incomplete }
        let line = bytes.prefix { $0 != 0x0d && $0 != 0x0a }
        guard line.allSatisfy({ (0x20...0x7e).contains($0) }) else { return .malformed }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[1].first == UInt8(ascii: "/"),
            parts[2].starts(with: "HTTP/1.".utf8), parts[2].count == 8
        else { return .malformed }
        let path = parts[1].prefix { $0 != UInt8(ascii: "?") }
        return .request(
            AdminRequest(method: String(decoding: parts[0], as: UTF8.self), path: String(decoding: path, as: UTF8.self))
        )
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4 else { return false }
        for index in 3..<bytes.count where bytes[index] == 0x0a && bytes[index - 1] == 0x0d {
            if bytes[index - 2] == 0x0a, bytes[index - 3] == 0x0d { return true }
        }
        return false
    }
}

/// What the admin port answers; the connection is closed after it.
package struct AdminResponse: Sendable, Hashable {
    package var status: Int
    package var contentType: String
    package var body: String
    /// The methods that would do, for 405.
    var allow: String?

    package init(status: Int, contentType: String = "application/json", body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    static func error(_ status: Int, _ code: String, _ message: String) -> AdminResponse {
        var json = JSONText()
        json.object { json in
            json.object("error") { json in
                json.string("code", code)
                json.string("message", message)
            }
        }
        return AdminResponse(status: status, body: json.text + "\n")
    }

    /// - Parameter isHeadOnly: for `HEAD`: the length is told, the body is not sent.
    func serialized(isHeadOnly: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\ncontent-type: \(contentType)\r\n"
        head += "content-length: \(body.utf8.count)\r\ncache-control: no-store\r\nconnection: close\r\n"
        if let allow { head += "allow: \(allow)\r\n" }
        return Array((head + "\r\n").utf8) + (isHeadOnly ? [] : Array(body.utf8))
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}
