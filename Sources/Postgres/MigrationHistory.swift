/// Compares the migrations at hand with those that a database has seen. Pure: what it says depends on its input alone.
struct MigrationHistory {
    struct Entry: Equatable {
        let number: Int
        let name: String
        let checksum: String
    }

    /// Refuses lists that no database could follow.
    static func validate(_ migrations: [Migration]) throws(PostgresError) {
        for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
            if index > 0, migrations[index - 1].number == migration.number {
                throw refused(
                    "\(migrations[index - 1].name) and \(migration.name) have the same number; renumber the newer")
            }
            throw refused(
                "migration \(padded(index + 1)) is missing before \(migration.name); numbers go from 0001 without gaps")
        }
    }

    /// - Parameter checksums: of `migrations`, side by side.
    static func compare(
        _ migrations: [Migration], checksums: [String], applied: [Entry]
    ) throws(PostgresError) -> MigrationStatus {
        for (index, entry) in applied.enumerated() {
            guard entry.number == index + 1 else {
                throw refused(
                    "the database lacks migration \(padded(index + 1)) but has \(entry.name); restore a backup")
            }
            guard index < migrations.count else {
                throw refused(
                    "the database has migration \(entry.name), which this program doesn't know; use a newer program")
            }
            let migration = migrations[index]
            guard migration.name == entry.name else {
                throw refused(
                    "migration \(entry.name) was applied to the database and is missing here; "
                        + "\(migration.name) stands in its place. Bring the file back and give the new one the next number"
                )
            }
            guard checksums[index] == entry.checksum else {
                throw refused(
                    "migration \(entry.name) has changed since it was applied (SHA-256 \(entry.checksum.prefix(12))… then, "
                        + "\(checksums[index].prefix(12))… now). Undo the change and write a new migration instead")
            }
        }
        return MigrationStatus(
            applied: Array(migrations.prefix(applied.count)), pending: Array(migrations.dropFirst(applied.count)))
    }

    private static func refused(_ message: String) -> PostgresError { PostgresError(.migrationRefused, message) }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 4 - String(number).count)) + String(number)
    }
}
