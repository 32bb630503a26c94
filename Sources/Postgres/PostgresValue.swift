/// A parameter on its way to the server, which infers the type from the statement (`$1::bigint` where it can't).
package enum PostgresValue: Sendable, Equatable {
    case null
    /// PostgreSQL's text form of the value.
    case text(String)
    /// The bytes of a `bytea`.
    case binary([UInt8])
}

/// A Swift value that can be a statement's parameter.
package protocol PostgresEncodable: Sendable {
    /// Called once a statement, before anything is sent; throws `.invalidParameter` for a value that can't be stored.
    func encodePostgres() throws(PostgresError) -> PostgresValue
}

/// A Swift type that a column can be read as.
package protocol PostgresDecodable: Sendable {
    /// Called for values other than NULL; throws `.undecodable` where the text doesn't fit.
    static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> Self
}

extension PostgresValue: PostgresEncodable {
    package func encodePostgres() throws(PostgresError) -> PostgresValue { self }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package func encodePostgres() throws(PostgresError) -> PostgresValue {
        switch self {
        case .none: .null
        case .some(let value): try value.encodePostgres()
        }
    }
}
