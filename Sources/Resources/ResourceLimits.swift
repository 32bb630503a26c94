// The ranges that endpoint files and the control API hold numbers to, said once.

extension RetryPolicy {
    package static let attemptsRange = 0...10
    package static let perTryTimeoutRange = EndpointSpec.timeoutRange
    package static let hedgeAfterRange = EndpointSpec.timeoutRange
}

extension EndpointLimits {
    /// Of either limit.
    package static let range = 1...1_000_000
}

extension HealthCheck {
    package static let unhealthyAfterRange = 1...100
    /// Of `every` and of `timeout`.
    package static let intervalRange = Interval(milliseconds: 100)...Interval.seconds(3600)
}

extension EndpointSpec {
    /// Of variants, of hosts and of overrides of one endpoint, each.
    package static let listLimit = 1000
    /// Of backends of one variant.
    package static let backendsLimit = 128
    package static let timeoutRange = Interval(milliseconds: 1)...Interval.seconds(3600)
    /// Of `salt`, in UTF-8.
    package static let saltBytesLimit = 255
}

extension VariantName {
    /// Words that `routingKey.onMissing` and `traffic` give another meaning.
    package static let reserved: Set<String> = ["random", "reject", "rest"]
}
