/// A way in which what is live for an endpoint differs from what git said last, and why.
package struct Drift: Sendable, Hashable, Codable {
    package enum Reason: String, Sendable, Hashable, Codable, CaseIterable {
        /// A hold keeps another state live.
        case hold
        /// Not every live proxy serves the live revision.
        case outOfStep = "out_of_step"
        /// A variant with traffic has no healthy backend.
        case unhealthy
    }

    package var endpoint: EndpointName
    package var reason: Reason
    /// What differs, without the endpoint's name: `challenger fraud/2 100 % instead of 10 %`.
    package var message: String

    package init(endpoint: EndpointName, reason: Reason, message: String) {
        self.endpoint = endpoint
        self.reason = reason
        self.message = message
    }
}
