/// A moment, exact to the microsecond like PostgreSQL's `timestamptz`. `infinity` is refused when read.
package struct PostgresTimestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var microsecondsSinceEpoch: Int64

    package init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
    }

    /// Reads `2026-07-01T12:34:56.789Z`, also with an offset such as `+02:00`; `nil` for anything else.
    package init?(rfc3339 text: String) {
        guard let moment = CalendarText.parse(text, separators: ["T", "t"]) else { return nil }
        self = moment
    }

    /// `2026-07-01T12:34:56.789012Z`: always UTC and always six decimals, so that texts sort like moments.
    package var rfc3339: String { CalendarText.format(self, separator: "T", suffix: "Z") }

    package static func < (left: Self, right: Self) -> Bool {
        left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
    }
}

extension PostgresTimestamp: PostgresEncodable, PostgresDecodable {
    package func encodePostgres() throws(PostgresError) -> PostgresValue {
        let (year, _, _) = CalendarText.civil(fromDays: CalendarText.days(microsecondsSinceEpoch))
        guard year >= 1, year <= 294_275 else {
            throw PostgresError(.invalidParameter, "a timestamp lies outside of the years 1 to 294275")
        }
        return .text(CalendarText.format(self, separator: " ", suffix: "+00"))
    }

    package static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> PostgresTimestamp {
        guard let moment = CalendarText.parse(cell.text, separators: [" "]) else {
            throw cell.undecodable(as: "timestamp")
        }
        return moment
    }
}
