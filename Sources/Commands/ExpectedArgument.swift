import ArgumentParser
import Resources

/// An argument whose form needs words: a wrong one is refused with what was expected, which the parser alone does not say.
///
/// To be used as `@Option(transform: checked)`.
protocol ExpectedArgument: ExpressibleByArgument {
    /// What a right one looks like.
    static var expectation: String { get }
}

/// - Throws: `ValidationError` with what was expected.
func checked<Value: ExpectedArgument>(_ argument: String) throws -> Value {
    guard let value = Value(argument: argument) else { throw ValidationError("expected \(Value.expectation)") }
    return value
}

/// How long a hold lasts: one that is over at once would let everyone move there and back.
///
/// - Throws: `ValidationError` with what was expected.
func checkedHold(_ argument: String) throws -> Interval {
    let limit: Interval = try checked(argument)
    guard limit >= .seconds(1) else {
        throw ValidationError("expected 1s or more; without --for it lasts until resumed")
    }
    return limit
}

extension Int: ExpectedArgument {
    static var expectation: String { "a whole number" }
}

extension EndpointArgument: ExpectedArgument {
    static var expectation: String { EndpointName.expectation }
}

extension VariantArgument: ExpectedArgument {
    static var expectation: String { VariantName.expectation }
}

extension ModelArgument: ExpectedArgument {
    static var expectation: String { ModelName.expectation }
}

extension VersionArgument: ExpectedArgument {
    static var expectation: String { "a model and a version's number, such as fraud/12" }
}

extension AliasArgument: ExpectedArgument {
    static var expectation: String { "a model and an alias, such as fraud@champion" }
}

extension Share: ExpectedArgument {
    static var expectation: String { "a percentage from 0 to 100 in steps of 0.01, such as 12.5" }
}

extension Interval: ExpectedArgument {
    static var expectation: String { "a length of time with its units d h m s ms, such as 30m, 2h or 1h30m" }
}

extension Timestamp: ExpectedArgument {
    static var expectation: String { "a time with its zone, such as 2026-11-01T10:00Z" }
}
