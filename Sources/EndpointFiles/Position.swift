/// A place in a file. Columns count Unicode scalars, as YAML does.
struct Position: Sendable, Hashable, Comparable {
    /// Which file: 0 for the one that is read, beyond that an environment's files, from 1; see `FaultLog`.
    let source: Int
    /// From 1.
    let line: Int
    /// From 1.
    let column: Int

    init(source: Int = 0, line: Int, column: Int) {
        self.source = source
        self.line = line
        self.column = column
    }

    static let start = Position(line: 1, column: 1)

    static func < (left: Self, right: Self) -> Bool {
        (left.source, left.line, left.column) < (right.source, right.line, right.column)
    }

    /// One column to the left, where there is one.
    var before: Position { Position(source: source, line: line, column: max(1, column - 1)) }

    func advanced(columns: Int) -> Position { Position(source: source, line: line, column: column + columns) }
}

/// A value and where it stands.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let position: Position
}
