/// What a caller names one intent by, so that sending it again has no second effect.
package struct IdempotencyKey: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "idempotency key" }
    package static var expectation: String { "1 to 255 visible ASCII characters" }
    package static func isValid(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
