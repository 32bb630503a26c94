/// Collects the faults of one file, each with its excerpt, up to a limit.
struct FaultLog {
    let source: SourceText
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var errorCount = 0

    init(source: SourceText) { self.source = source }

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
                file: source.file, line: position.line, column: position.column, severity: .error,
                code: isLast ? .tooManyFaults : code,
                message: isLast ? "too many faults; mend those above first" : message,
                expected: isLast ? nil : expected, suggestion: isLast ? nil : help(),
                excerpt: source.excerpt(at: position)))
    }

    /// Notes what is allowed and yet hardly meant.
    mutating func warning(_ code: DiagnosticCode, at position: Position, _ message: String, help: String) {
        guard !isFull else { return }
        diagnostics.append(
            Diagnostic(
                file: source.file, line: position.line, column: position.column, severity: .warning, code: code,
                message: message, expected: nil, suggestion: help, excerpt: source.excerpt(at: position)))
    }
}
