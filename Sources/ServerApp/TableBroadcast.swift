import ControlAPI
import Logging
import Postgres
import Resources
import ServiceLifecycle
import Signals
import Splitting

/// Keeps the feed at the newest published table: one LISTEN and one read every two seconds for a whole server, however
/// many proxies are connected to it.
struct TableBroadcast: Service {
    /// What publishing a table notifies.
    static let channel = "turnout_table"
    static let period = Duration.seconds(2)
    static let heartbeat = Duration.seconds(5)

    let feed: LatestValue<TableFeed>
    let pool: PostgresPool
    /// What leads from a generation to the newest table; from nothing for 0.
    let readTables: @Sendable (_ after: Int) async throws -> [PublishedTable]
    let logger: Logger

    /// Until shutdown; then ends every stream, so that the HTTP server can close.
    func run() async throws {
        let news = Activator()
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await listen(news) }
                group.addTask { await read(news) }
                group.addTask { await beat() }
                _ = try? await gracefulShutdown()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            feed.finish()
        }
    }

    private func listen(_ news: Activator) async {
        for await _ in pool.listen(Self.channel) { news.poke() }
    }

    private func read(_ news: Activator) async {
        var isFailing = false
        var followed = FollowedTables()
        while !Task.isCancelled {
            do {
                let tables = try await readTables(followed.generation)
                if !tables.isEmpty {
                    do {
                        try followed.follow(tables)
                    } catch {
                        followed = FollowedTables()
                        try followed.follow(try await readTables(0))
                    }
                    feed.set(followed.feed)
                }
                isFailing = false
            } catch {
                if !isFailing, !Task.isCancelled {
                    logger.warning("The newest routing table can't be read", metadata: ["error.message": "\(error)"])
                }
                isFailing = true
            }
            await news.wait(atMost: Self.period)
        }
    }

    private func beat() async {
        while (try? await Task.sleep(for: Self.heartbeat)) != nil { feed.setAgain() }
    }
}
