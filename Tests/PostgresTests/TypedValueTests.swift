import Postgres
import TestSupport
import Testing

struct TypedValueTests {
    private static let text = "NULL, \"quoted\", back\\slash, {brace}, 日本語 🚂, it's\ttabbed\n"

    @Test func `Every scalar comes back as it was sent`() async throws {
        try await TestDatabase.with { database async throws in
            let moment = PostgresTimestamp(microsecondsSinceEpoch: 1_782_909_296_789_012)
            let bytes = (0...255).map { UInt8($0) }
            let rows = try await database.pool.query(
                """
                SELECT $1::boolean AS yes, $2::smallint AS small, $3::integer AS middle, $4::bigint AS large,
                    $5::double precision AS real, $6::text AS text, $7::bytea AS bytes, $8::timestamptz AS moment,
                    $9::jsonb ->> 'a' AS json
                """,
                [true, Int16.min, Int32.max, Int64.min, 0.1 + 0.2, Self.text, bytes, moment, #"{"a": "b"}"#])
            let row = try #require(rows.first)
            #expect(try row.decode("yes", as: Bool.self))
            #expect(try row.decode("small", as: Int16.self) == .min)
            #expect(try row.decode("middle", as: Int32.self) == .max)
            #expect(try row.decode("large", as: Int64.self) == .min)
            #expect(try row.decode("real", as: Double.self) == 0.1 + 0.2)
            #expect(try row.decode("text", as: String.self) == Self.text)
            #expect(try row.decode("bytes", as: [UInt8].self) == bytes)
            #expect(try row.decode("moment", as: PostgresTimestamp.self) == moment)
            #expect(try row.decode("json", as: String.self) == "b")
        }
    }

    @Test func `Arrays keep odd texts and empty lists`() async throws {
        try await TestDatabase.with { database async throws in
            let texts = [Self.text, "", "null", "NULL", "a,b", " "]
            let rows = try await database.pool.query(
                "SELECT $1::text[] AS texts, $2::bigint[] AS numbers, $3::text[] AS none, cardinality($1::text[]) AS count",
                [texts, [Int64.min, 0, .max], [String]()])
            let row = try #require(rows.first)
            #expect(try row.decode("texts", as: [String].self) == texts)
            #expect(try row.decode("numbers", as: [Int64].self) == [.min, 0, .max])
            #expect(try row.decode("none", as: [String].self) == [])
            #expect(try row.decode("count", as: Int.self) == texts.count)
        }
    }

    @Test func `NULL is nil, and refused where a value is asked for`() async throws {
        try await TestDatabase.with { database async throws in
            let rows = try await database.pool.query(
                "SELECT $1::bigint AS number, $2::bytea AS empty", [Int64?.none, [UInt8]()])
            let row = try #require(rows.first)
            #expect(try row.decodeIfPresent("number", as: Int64.self) == nil)
            #expect(try row.decodeIfPresent("empty", as: [UInt8].self) == [])
            #expect(code { try row.decode("number", as: Int64.self) } == .unexpectedNull)
            #expect(code { try row.decode("numbre", as: Int64.self) } == .missingColumn)
        }
    }

    @Test func `Values that can't be stored or don't fit are refused rather than bent`() async throws {
        try await TestDatabase.with { database async throws in
            await expectCode(.invalidParameter) { try await database.pool.query("SELECT $1::text", ["a\0b"]) }
            await expectCode(.invalidParameter) { try await database.pool.query("SELECT $1::text[]", [["a\0b"]]) }
            let rows = try await database.pool.query(
                "SELECT 'infinity'::timestamptz AS forever, 40000 AS large, '{{1},{2}}'::bigint[] AS matrix, 'x' AS text"
            )
            let row = try #require(rows.first)
            #expect(code { try row.decode("forever", as: PostgresTimestamp.self) } == .undecodable)
            #expect(code { try row.decode("large", as: Int16.self) } == .undecodable)
            #expect(code { try row.decode("matrix", as: [Int64].self) } == .undecodable)
            #expect(code { try row.decode("text", as: Bool.self) } == .undecodable)
        }
    }

    @Test func `Timestamps agree with PostgreSQL over the centuries`() async throws {
        try await TestDatabase.with { database async throws in
            let rows = try await database.pool.query(
                """
                SELECT moment, (extract(epoch FROM moment) * 1000000)::bigint AS microseconds
                FROM generate_series('0001-01-01 00:00:00.000001+00'::timestamptz, '2500-01-01', '1234567 minutes') AS moment
                """)
            #expect(rows.count > 1000)
            for row in rows {
                let moment = try row.decode("moment", as: PostgresTimestamp.self)
                #expect(try moment.microsecondsSinceEpoch == row.decode("microseconds", as: Int64.self))
                #expect(PostgresTimestamp(rfc3339: moment.rfc3339) == moment)
            }
        }
        #expect(PostgresTimestamp(rfc3339: "1970-01-01T02:00:00.5+02:00")?.microsecondsSinceEpoch == 500_000)
        #expect(PostgresTimestamp(rfc3339: "2023-02-29T00:00:00Z") == nil)
        #expect(PostgresTimestamp(rfc3339: "2023-02-28 00:00:00Z") == nil)
    }

    @Test func `A megabyte goes there and back`() async throws {
        try await TestDatabase.with { database async throws in
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let rows = try await database.pool.query("SELECT $1::bytea AS bytes", [bytes])
            #expect(try rows.first?.decode("bytes", as: [UInt8].self) == bytes)
        }
    }
}
