/// Collects the faults of one file, each with its excerpt, up to a limit.
struct FaultLog {
    let source: SourceText
    /// The environment's files, whose overlays may be part of what is judged.
    let others: [SourceText]
    private(set) var diagnostics: [Diagnostic]
    private(set) var errorCount: Int

    /// - Parameter diagnostics: What was found in the file already.
    init(source: SourceText, others: [SourceText] = [], diagnostics: [Diagnostic] = []) {
        self.source = source
        self.others = others
        self.diagnostics = diagnostics
        errorCount = diagnostics.count { $0.severity == .error }
    }

    /// The file that a position is in.
    func source(of position: Position) -> SourceText {
        others.indices.contains(position.source - 1) ? others[position.source - 1] : source
    }

    /// Where an earlier one stands, as seen from `position`: `on line 5`, or `at FILE:5` in another file.
    func place(of earlier: Position, from position: Position) -> String {
        earlier.source == position.source
            ? "on line \(earlier.line)" : "at \(source(of: earlier).file):\(earlier.line)"
    }

    var isFull: Bool { diagnostics.count >= FileLimits.diagnostics }

    /// - Parameter help: Evaluated only if the fault is kept: looking for a near miss costs more than all else.
    mutating func error(
        _ code: DiagnosticCode, at position: Position, _ message: String, expected: String? = nil,
        help: @autoclosure () -> String? = nil
    ) {
        errorCount += 1
        guard !isFull else { return }
        let isLast = diagnostics.count == FileLimits.diagnostics - 1
        diagnostics.append(
            Diagnostic(
                file: source(of: position).file, line: position.line, column: position.column, severity: .error,
                code: isLast ? .tooManyFaults : code,
                message: isLast ? "too many faults; mend those above first" : message,
                expected: isLast ? nil : expected, suggestion: isLast ? nil : help(),
                excerpt: source(of: position).excerpt(at: position)))
    }

    /// Notes what is allowed and yet hardly meant.
    mutating func warning(_ code: DiagnosticCode, at position: Position, _ message: String, help: String) {
        guard !isFull else { return }
        diagnostics.append(
            Diagnostic(
                file: source(of: position).file, line: position.line, column: position.column, severity: .warning,
                code: code,
                message: message, expected: nil, suggestion: help, excerpt: source(of: position).excerpt(at: position)))
    }
}
