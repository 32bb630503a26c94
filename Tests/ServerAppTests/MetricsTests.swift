import ControlAPIClient
import ControlAPITypes
import Foundation
import FoundationNetworking
import Postgres
import Proxy
import Resources
import Signals
import Telemetry
import TestSupport
import Testing

@testable import ServerApp

@Suite("What a server tells Prometheus")
struct MetricsTests {
    /// The page of a server that was asked a few things, over HTTP.
    private static func page() async throws -> String {
        try await TestDatabase.with(migrations: EmbeddedMigrations.all) { database in
            let address = LatestValue<ListenAddress?>(nil)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await runServer(
                        ServerRunTests.configuration(database), logger: TestDatabase.quietLogger,
                        onListening: address.set)
                }
                var listening: ListenAddress?
                for await value in address.values() where value != nil {
                    listening = value
                    break
                }
                let url = "http://\(try #require(listening))"
                try await APIClient(url: url).checkReadiness()
                _ = try? await APIClient(url: url).models(PageRequest())
                let metrics = try #require(URL(string: url + "/metrics"))
                // Until the reconciler has looked once.
                var page = ""
                try await eventually("the reconciler leads") {
                    let (data, _) = try await URLSession.shared.data(from: metrics)
                    page = String(decoding: data, as: UTF8.self)
                    return try ParsedExposition(page).value("turnout_server_reconciler_leading") == 1
                }
                group.cancelAll()
                return page
            }
        }
    }

    @Test("The page is well-formed, promtool-clean, and says what happened")
    func figures() async throws {
        let text = try await Self.page()
        let page = try ParsedExposition(text)
        let ready = ["method": "GET", "route": "/api/v1/readyz", "code": "2xx"]
        #expect(page.value("turnout_server_requests_total", ready) == 1)
        let refused = ["method": "GET", "route": "/api/v1/models", "code": "4xx"]
        #expect(page.value("turnout_server_requests_total", refused) == 1)
        #expect(
            page.value(
                "turnout_server_request_duration_seconds_count", ["method": "GET", "route": "/api/v1/readyz"]) == 1)
        #expect(page.value("turnout_server_database_up") == 1)
        #expect(page.value("turnout_server_database_waiters") == 0)
        #expect(page.value("turnout_server_proxies", ["state": "in_step"]) == 0)
        #expect((page.value("turnout_server_reconciler_activations_total", ["outcome": "led"]) ?? 0) >= 1)
        #expect((page.value("turnout_server_reconciler_last_success_timestamp_seconds") ?? 0) > 1_700_000_000)
        if Promtool.isInstalled { #expect(try Promtool.complaints(about: text).isEmpty) }
    }

    @Test("docs/metrics.md lists every metric of server and proxy (otherwise: .ci/write-docs)")
    func documented() async throws {
        let server = try ParsedExposition(try await Self.page())
        let proxy = try ParsedExposition(
            ProxyExposition(
                metrics: ProxyMetricsSnapshot(), backends: [], table: nil, process: ProcessUsage.now(),
                build: .init(version: "1.0", commit: "")
            ).text())
        let path = RepositoryFiles.root.appendingPathComponent("docs/metrics.md").path
        let before = try String(contentsOfFile: path, encoding: .utf8)
        var after = before
        for (mark, page) in [("server", server), ("proxy", proxy)] {
            let (start, end) = ("<!-- \(mark): generated -->\n", "<!-- \(mark): end -->")
            let from = try #require(after.range(of: start)?.upperBound)
            let to = try #require(after.range(of: end)?.lowerBound)
            after.replaceSubrange(from..<to, with: Self.table(page))
        }
        if ProcessInfo.processInfo.environment["TURNOUT_WRITE_DOCS"] == "1" {
            try after.write(toFile: path, atomically: true, encoding: .utf8)
        } else {
            #expect(after == before)
        }
    }

    private static func table(_ page: ParsedExposition) -> String {
        let rows = page.types.sorted { $0.key < $1.key }.map { name, type in
            "| `\(name)` | \(type) | \(page.helps[name] ?? "") |\n"
        }
        return "| metric | type | meaning |\n|---|---|---|\n" + rows.joined()
    }

    @Test("Where others reach the server, its metrics take a token")
    func guarded() async throws {
        try await TestDatabase.with(migrations: EmbeddedMigrations.all) { database in
            let secret = try await runTokenCreate(
                databaseURL: database.url, draft: .init(name: "prometheus", role: .viewer), reason: nil, actor: "test",
                logger: TestDatabase.quietLogger
            ).secret
            let address = LatestValue<ListenAddress?>(nil)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await runServer(
                        ServerRunTests.configuration(database, control: "0.0.0.0:0"),
                        logger: TestDatabase.quietLogger, onListening: address.set)
                }
                var port = 0
                for await value in address.values() where value != nil {
                    port = value?.port ?? 0
                    break
                }
                var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/metrics")))
                let (_, refused) = try await URLSession.shared.data(for: request)
                #expect((refused as? HTTPURLResponse)?.statusCode == 401)
                request.setValue("Bearer \(secret)", forHTTPHeaderField: "Authorization")
                let (_, shown) = try await URLSession.shared.data(for: request)
                #expect((shown as? HTTPURLResponse)?.statusCode == 200)
                group.cancelAll()
            }
        }
    }
}
