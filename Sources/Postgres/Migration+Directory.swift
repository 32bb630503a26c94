internal import Glibc

extension Migration {
    /// Reads every `NNNN_verb_noun.sql` of a directory, in order. `schema.sql` and other kinds of file are passed over.
    /// Called once at start, blocking, from tests and from `migrate` of a checkout.
    /// - Throws: `.migrationRefused` for a badly named or unreadable file.
    package static func load(directory: String) throws(PostgresError) -> [Migration] {
        guard access(directory, R_OK | X_OK) == 0 else {
            throw PostgresError(
                .migrationRefused, "the migrations' directory \(directory) can't be read (errno \(errno))")
        }
        let names = PosixFile.list(directory).filter {
            $0.hasSuffix(".sql") && $0 != "schema.sql" && !$0.hasPrefix(".")
        }
        var migrations: [Migration] = []
        for name in names.sorted() {
            guard let bytes = PosixFile.read("\(directory)/\(name)"), let sql = String(validating: bytes, as: UTF8.self)
            else { throw PostgresError(.migrationRefused, "\(directory)/\(name) can't be read as UTF-8 text") }
            migrations.append(try Migration(fileName: name, sql: sql))
        }
        return migrations
    }
}
