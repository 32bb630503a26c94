/// `GET /api/v1/healthz` and `GET /api/v1/readyz`; anything but `ok` is an error envelope.
package struct ServerHealth: Sendable, Hashable, Codable {
    package var status: String

    package init(status: String) { self.status = status }
}
