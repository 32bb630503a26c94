internal import CLibPQ

/// A whole answer, as libpq received it.
///
/// `@unchecked Sendable`: a PGresult is never changed once `PQgetResult` returned it, the functions called on it here only
/// read, and it is freed exactly once, when nobody refers to it any more.
final class PostgresResult: @unchecked Sendable {
    let pointer: OpaquePointer
    let columns: [String]
    private let positions: [String: Int32]

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        columns = (0..<PQnfields(pointer)).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" }
        // Of columns with the same name the first is meant, as in libpq.
        positions = Dictionary(zip(columns, Int32(0)...), uniquingKeysWith: { first, _ in first })
    }

    deinit { PQclear(pointer) }

    func position(of column: String) -> Int32? { positions[column] }

    var rows: [PostgresRow] { (0..<PQntuples(pointer)).map { PostgresRow(result: self, index: $0) } }

    /// Rows inserted, changed, deleted or selected; 0 for statements that count nothing.
    var affectedRows: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The command tag's first word, such as `COMMIT`.
    var command: String {
        guard let tag = PQcmdStatus(pointer) else { return "" }
        return String(String(cString: tag).prefix { $0 != " " })
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    /// The server's complaint, when there is one.
    var error: PostgresError? {
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE else { return nil }
        let sqlState = field(TURNOUT_DIAG_SQLSTATE)
        let message = field(TURNOUT_DIAG_MESSAGE) ?? PQresultErrorMessage(pointer).map { String(cString: $0) }
        var error = PostgresError(code(sqlState), message ?? "no message", sqlState: sqlState)
        error.detail = field(TURNOUT_DIAG_DETAIL)
        error.hint = field(TURNOUT_DIAG_HINT)
        error.constraint = field(TURNOUT_DIAG_CONSTRAINT)
        error.table = field(TURNOUT_DIAG_TABLE)
        error.column = field(TURNOUT_DIAG_COLUMN)
        return error
    }

    private func code(_ sqlState: String?) -> PostgresError.Code {
        switch sqlState {
        case "40001", "40P01": .conflict
        // 0A000 has many causes; the function's name tells this one, in every language.
        case "0A000" where field(TURNOUT_DIAG_FUNCTION) == "RevalidateCachedQuery": .stalePlan
        default: .refused
        }
    }

    private func field<Number: BinaryInteger>(_ code: Number) -> String? {
        PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }
}
