/// The keys of one kind of mapping in an endpoint file: what the parser takes, and what the reference documents.
struct KeyTable: Sendable {
    /// A key, its value, and what the reference says of both.
    struct Key: Sendable {
        let name: String
        let form: ValueForm
        /// In Markdown; the reference's and the schema's words.
        let description: String
        /// What holds without the key, in Markdown; begins with `required` for a key that must be there.
        let fallback: String
        /// Values as a file has them.
        let examples: [String]

        init(
            _ name: String, _ form: ValueForm, _ description: String, fallback: String, examples: [String] = []
        ) {
            self.name = name
            self.form = form
            self.description = description
            self.fallback = fallback
            self.examples = examples
        }
    }

    /// What the mapping is called in messages.
    let subject: String
    /// How the reference writes the way to it: `spec.variants[]`.
    var path: String
    let entries: [Key]
    let keys: [String]
    let required: [String]
    /// Keys of the product's contract that are refused until they are built.
    let notSupportedYet: [String]

    /// - Parameter required: Which keys must be there, if not those whose fallback says so.
    init(
        _ subject: String, path: String, entries: [Key], required: [String]? = nil, notSupportedYet: [String] = []
    ) {
        self.subject = subject
        self.path = path
        self.entries = entries
        self.keys = entries.map(\.name)
        self.required = required ?? entries.filter { $0.fallback.hasPrefix("required") }.map(\.name)
        self.notSupportedYet = notSupportedYet
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
