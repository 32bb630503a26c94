/// One step of the schema: `Migrations/NNNN_verb_noun.sql`. Never changed once released.
package struct Migration: Sendable, Equatable {
    /// Counted from 1 without gaps.
    package let number: Int
    /// The file's name without `.sql`, such as `0001_create_model`.
    package let name: String
    /// Statements separated by semicolons, run in one transaction which they must not end.
    package let sql: String

    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// From a file's name and content.
    /// - Throws: `.migrationRefused` when the name isn't four digits, `_`, lowercase words joined by `_`, and `.sql`.
    package init(fileName: String, sql: String) throws(PostgresError) {
        let name = fileName.hasSuffix(".sql") ? String(fileName.dropLast(4)) : ""
        let digits = name.utf8.prefix(4)
        let words = name.utf8.dropFirst(5)
        guard digits.count == 4, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            name.utf8.dropFirst(4).first == UInt8(ascii: "_"), !words.isEmpty,
            words.allSatisfy({ Self.wordCharacters.contains($0) }), let number = Int(name.prefix(4))
        else {
            throw PostgresError(
                .migrationRefused, "\(fileName) isn't named like a migration: 0007_create_endpoint.sql, for example")
        }
        self.init(number: number, name: name, sql: sql)
    }

    private static let wordCharacters = Set("abcdefghijklmnopqrstuvwxyz0123456789_".utf8)
}
