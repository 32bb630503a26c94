internal import CLibPQ

/// One value of an answer, in PostgreSQL's text form. Given to `PostgresDecodable`.
package struct PostgresCell: Sendable {
    let result: PostgresResult
    let row: Int32
    let column: Int32

    package var isNull: Bool { PQgetisnull(result.pointer, row, column) == 1 }

    /// The value's text; empty for NULL.
    package var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// The error to throw when the text doesn't fit. It leaves the text itself out: values belong to users.
    package func undecodable(as type: String) -> PostgresError {
        PostgresError(.undecodable, "column \(result.columns[Int(column)]) doesn't fit \(type)")
    }

    /// The value's bytes as sent, valid during the call.
    func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        let length = Int(PQgetlength(result.pointer, row, column))
        guard let start = PQgetvalue(result.pointer, row, column) else {
            return body(UnsafeBufferPointer(start: nil, count: 0))
        }
        return withExtendedLifetime(result) {
            start.withMemoryRebound(to: UInt8.self, capacity: length) {
                body(UnsafeBufferPointer(start: $0, count: length))
            }
        }
    }
}
