package import Resources

/// One scoring request through a proxy.
package struct ScoreRecord: Sendable, Hashable, Codable {
    package var proxy: Int
    package var endpoint: EndpointName
    package var key: String
    package var sentAt: RunMoment
    package var answeredAt: RunMoment
    /// Absent when there was no answer.
    package var status: Int?
    package var generation: Int?
    package var variant: String?
    package var version: String?
    /// Who the scorer says it is.
    package var scorer: String?

    package init(
        proxy: Int, endpoint: EndpointName, key: String, sentAt: RunMoment, answeredAt: RunMoment, status: Int? = nil,
        generation: Int? = nil, variant: String? = nil, version: String? = nil, scorer: String? = nil
    ) {
        self.proxy = proxy
        self.endpoint = endpoint
        self.key = key
        self.sentAt = sentAt
        self.answeredAt = answeredAt
        self.status = status
        self.generation = generation
        self.variant = variant
        self.version = version
        self.scorer = scorer
    }
}
