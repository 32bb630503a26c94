/// What the document says of a field besides its type: words, an example, and rules that the type does not hold.
package struct FieldNote: Sendable, ExpressibleByStringLiteral {
    let text: String
    let example: JSONTree?
    let rules: JSONTree

    package init(_ text: String, example: JSONTree? = nil, rules: JSONTree = [:]) {
        self.text = text
        self.example = example
        self.rules = rules
    }

    package init(stringLiteral value: String) { self.init(value) }

    // What many types have.
    static let createdAt: FieldNote = "When it was made."
    static let createdBy = FieldNote("Who made it.", example: "ada")
    static let holdFor: FieldNote = "How long the hold lasts; absent: until released."
    static let owner = FieldNote("Who answers for the endpoint.", example: "risk-ml")
    static let reason = FieldNote("Why, for the audit log.", example: "more traffic for the challenger")
    static let tags: FieldNote = "Free pairs of key and value."
    static let takeOver: FieldNote = "Whether another person's hold may be replaced."

    /// A whole number of 1 or more: a version, a revision, a release.
    static func ordinal(_ text: String, example: Int = 1) -> FieldNote {
        FieldNote(text, example: .integer(example), rules: ["minimum": 1])
    }

    /// A whole number of 0 or more.
    static func count(_ text: String, example: Int = 1) -> FieldNote {
        FieldNote(text, example: .integer(example), rules: ["minimum": 0])
    }
}

/// A type of the wire whose fields the document explains.
package protocol Described {
    static var about: String { get }
    /// By the field's name on the wire.
    static var notes: [String: FieldNote] { get }
}
