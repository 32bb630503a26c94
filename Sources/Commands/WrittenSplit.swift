import EndpointFiles
import Resources

/// What `--write` did to the files.
struct WrittenSplit: Encodable {
    let lines: [FileEdit.Line]
    /// The other environments that read the same lines.
    let alsoChanges: [String]
    private let arguments: String

    private enum CodingKeys: CodingKey {
        case lines
        case alsoChanges
    }

    init(_ edit: SplitEdit, path: String, environment: String?) {
        lines = edit.files.flatMap(\.lines)
        alsoChanges = edit.alsoChanges
        arguments = path + (environment.map { " --env \($0)" } ?? "")
    }

    var text: String {
        var text: [String] = []
        if lines.isEmpty { text.append("The files say this split already; none was changed.") }
        text += lines.map { "\($0.file):\($0.line): \($0.variant) \($0.before) → \($0.after)" }
        if !alsoChanges.isEmpty {
            text.append(
                "Note: \(alsoChanges.joined(separator: " and ")) read the same lines, and get these shares too.")
        }
        text.append("Commit this: 'turnout apply \(arguments)' then releases the hold.")
        return text.joined(separator: "\n")
    }
}
