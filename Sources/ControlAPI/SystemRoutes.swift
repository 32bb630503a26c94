import ControlAPITypes
import HTTPTypes
import Hummingbird
import NIOCore
import Resources

/// What a server says of itself.
struct SystemRoutes: Sendable {
    /// Throws while the server can't do its work, saying why.
    let checkReadiness: @Sendable () async throws -> Void
    /// The text of the OpenAPI document.
    let document: [UInt8]
    let metrics: MetricsPage

    var operations: [Operation] {
        [
            Operation(.get, "version", "getServerVersion", "Say which version of Turnout this is.", for: .everyone) {
                _ in ServerVersion.current
            },
            Operation(.get, "healthz", "checkHealth", "Alive: able to answer at all.", for: .everyone) {
                _ in ServerHealth(status: "ok")
            },
            Operation(
                .get, "readyz", "checkReadiness", "Ready: able to do its work. Says why, while it is not.",
                for: .everyone
            ) { _ in
                try await checkReadiness()
                return ServerHealth(status: "ok")
            },
            Operation(
                .get, "/api/openapi.json", "getOpenAPIDocument", "This document.", for: .everyone,
                answer: .raw(mediaType: "application/json", about: "An OpenAPI 3.1 document.")
            ) { _ in
                Response(
                    status: .ok, headers: [.contentType: "application/json"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: document)))
            },
            Operation(
                .get, "/metrics", "getMetrics", "Show the server's metrics.",
                details: "In Prometheus' text format 0.0.4. A server that listens on loopback alone asks for no token.",
                for: metrics.isOpen ? .everyone : .role(.viewer),
                answer: .raw(mediaType: "text/plain", about: "The metrics.")
            ) { _ in
                Response(
                    status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: await metrics.text())))
            },
        ]
    }
}
