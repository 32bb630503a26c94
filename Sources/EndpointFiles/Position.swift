/// A place in a file. Columns count Unicode scalars, as YAML does.
struct Position: Sendable, Hashable, Comparable {
    /// From 1.
    let line: Int
    /// From 1.
    let column: Int

    static let start = Position(line: 1, column: 1)

    static func < (left: Self, right: Self) -> Bool { (left.line, left.column) < (right.line, right.column) }

    /// One column to the left, where there is one.
    var before: Position { Position(line: line, column: max(1, column - 1)) }

    func advanced(columns: Int) -> Position { Position(line: line, column: column + columns) }
}

/// A value and where it stands.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let position: Position
}
