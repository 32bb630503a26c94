/// How much of other transactions a transaction may see.
package enum PostgresIsolation: String, Sendable {
    case serializable = "SERIALIZABLE"
    case repeatableRead = "REPEATABLE READ"
    case readCommitted = "READ COMMITTED"
}
