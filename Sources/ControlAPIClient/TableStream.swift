package import ControlAPITypes
import Foundation
import FoundationNetworking
package import Resources
import Synchronization

extension APIClient {
    /// `GET /api/v1/proxies/{id}/tables`: frames as they come. Ends with the server's end of the stream, with a
    /// `ClientError`, or with the task that reads it.
    ///
    /// - Parameters:
    ///   - generation: of the table that the proxy has; 0 for none.
    ///   - digest: of that table, so that another one with the same number is sent as well.
    package func tables(
        proxy: String, generation: Int, digest: String?
    ) throws -> AsyncThrowingStream<TableFrame, any Error> {
        let path = APIPath("proxies", proxy, "tables").query("generation", String(generation)).query("digest", digest)
        let request = try request("GET", path)
        let headers = (request.allHTTPHeaderFields ?? [:]).map { "\($0.key): \($0.value)" }
        let url = request.url?.absoluteString ?? ""
        let reading = TableStreamReading(client: self)
        return AsyncThrowingStream { continuation in
            let transfer = StreamedTransfer(url: url, headers: headers) { status, data in
                reading.take(status, data, continuation)
            } onEnd: { ending in
                reading.end(ending, continuation)
            }
            continuation.onTermination = { _ in transfer.cancel() }
        }
    }

    /// `POST /api/v1/proxies/{id}/report`
    package func report(_ report: ProxyReport) async throws {
        let _: ServerHealth = try await post(APIPath("proxies", report.id, "report"), report)
    }
}

/// Turns the bytes of an answer, in order, into frames; the body of a refusal into its error.
private final class TableStreamReading: Sendable {
    typealias Continuation = AsyncThrowingStream<TableFrame, any Error>.Continuation

    private struct State {
        var reader = TableFrameReader()
        var refusal = Data()
    }

    private static let refusalLimit = 64 << 10

    private let client: APIClient
    private let state = Mutex(State())

    init(client: APIClient) { self.client = client }

    func take(_ status: Int, _ data: Data, _ continuation: Continuation) -> Bool {
        do {
            let frames = try state.withLock { state -> [TableFrame] in
                if status == 200 { return try state.reader.read(data) }
                state.refusal = (state.refusal + data).prefix(Self.refusalLimit)
                return []
            }
            for frame in frames { continuation.yield(frame) }
            return true
        } catch {
            continuation.finish(throwing: ClientError(.unexpectedAnswer, "\(error)"))
            return false
        }
    }

    func end(_ ending: StreamedTransfer.Ending, _ continuation: Continuation) {
        switch ending {
        case .cancelled, .answered(status: 200):
            continuation.finish()
        case .failed(let reason):
            continuation.finish(
                throwing: ClientError(.unreachable, "the table stream of \(client.baseURL) broke: \(reason)"))
        case .answered(let status):
            do {
                try client.check(status: status, body: state.withLock(\.refusal))
                continuation.finish(
                    throwing: ClientError(.unexpectedAnswer, "\(client.baseURL) did not send a table stream."))
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }
}
