package import ControlAPI
internal import Hummingbird
internal import Signals
internal import TestSupport

/// A control API on a real socket, held against its own document for as long as it runs.
package struct RunningControlAPI: Sendable {
    /// What went over the wire and is not as the document says.
    package struct Undocumented: Error, CustomStringConvertible {
        package let description: String
    }

    package let url: String

    /// - Throws: what `body` throws; `Undocumented`, once it is done.
    package static func with<Value: Sendable>(
        _ router: ControlAPIRouter, _ body: @Sendable (RunningControlAPI) async throws -> Value
    ) async throws -> Value {
        let port = LatestValue<Int?>(nil)
        let responder = ObservingResponder(
            wrapped: try router.responder(), check: ExchangeCheck(document: try router.document().tree),
            faults: .init())
        let server = ControlAPIServer(
            responder: responder, host: "127.0.0.1", port: 0, logger: TestDatabase.quietLogger,
            onListening: { port.set($0) })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var bound: Int?
            for await value in port.values() where value != nil {
                bound = value
                break
            }
            let value = try await body(RunningControlAPI(url: "http://127.0.0.1:\(bound ?? 0)"))
            group.cancelAll()
            let faults = responder.faults.all
            guard faults.isEmpty else { throw Undocumented(description: faults.joined(separator: "\n")) }
            return value
        }
    }
}
