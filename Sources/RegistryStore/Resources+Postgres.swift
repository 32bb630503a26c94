package import Postgres
package import Resources

extension Timestamp {
    /// As a statement's parameter.
    package var postgres: PostgresTimestamp { PostgresTimestamp(microsecondsSinceEpoch: microseconds) }
}

extension PostgresRow {
    package func timestamp(_ column: String) throws(PostgresError) -> Timestamp {
        Timestamp(microseconds: try decode(column, as: PostgresTimestamp.self).microsecondsSinceEpoch)
    }

    package func timestampIfPresent(_ column: String) throws(PostgresError) -> Timestamp? {
        try decodeIfPresent(column, as: PostgresTimestamp.self).map {
            Timestamp(microseconds: $0.microsecondsSinceEpoch)
        }
    }

    /// A name that was checked before it was stored.
    package func name<Name: ValidatedName>(_ column: String) throws(PostgresError) -> Name {
        Name(unchecked: try decode(column, as: String.self))
    }
}
