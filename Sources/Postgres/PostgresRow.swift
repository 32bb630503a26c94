/// One row of an answer. Cheap to copy: rows share the memory of their result.
package struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int32

    /// Reads a column that is never NULL.
    /// - Throws: `.missingColumn`, `.unexpectedNull` or `.undecodable`, each naming the column.
    package func decode<Value: PostgresDecodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        let cell = try cell(column)
        guard !cell.isNull else {
            throw PostgresError(.unexpectedNull, "column \(column) is NULL where \(type) was expected")
        }
        return try Value.decodePostgres(cell)
    }

    /// Reads a column that may be NULL, which gives `nil`.
    /// - Throws: `.missingColumn` or `.undecodable`, each naming the column.
    package func decodeIfPresent<Value: PostgresDecodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        let cell = try cell(column)
        return cell.isNull ? nil : try Value.decodePostgres(cell)
    }

    /// The names of the columns, in the order of the statement.
    package var columns: [String] { result.columns }

    private func cell(_ column: String) throws(PostgresError) -> PostgresCell {
        guard let position = result.position(of: column) else {
            throw PostgresError(
                .missingColumn, "no column \(column); there are: \(result.columns.joined(separator: ", "))")
        }
        return PostgresCell(result: result, row: index, column: position)
    }
}
