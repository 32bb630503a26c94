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
        let client = self
        return AsyncThrowingStream { continuation in
            let delegate = TableStreamDelegate(client: client, continuation: continuation)
            let configuration = URLSessionConfiguration.ephemeral
            // Heartbeats come every 5 seconds.
            configuration.timeoutIntervalForRequest = 20
            configuration.timeoutIntervalForResource = 86_400 * 365
            let session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil)
            let task = session.dataTask(with: request)
            continuation.onTermination = { _ in session.invalidateAndCancel() }
            task.resume()
        }
    }

    /// `POST /api/v1/proxies/{id}/report`
    package func report(_ report: ProxyReport) async throws {
        let _: ServerHealth = try await post(APIPath("proxies", report.id, "report"), report)
    }
}

/// Turns what the session hands out, on its own queue and in order, into frames.
private final class TableStreamDelegate: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var reader = TableFrameReader()
        /// The body of an answer that is no stream, for its error.
        var refusal: [UInt8]?
        var response: URLResponse?
    }

    private static let refusalLimit = 64 << 10

    private let client: APIClient
    private let continuation: AsyncThrowingStream<TableFrame, any Error>.Continuation
    private let state = Mutex(State())

    init(client: APIClient, continuation: AsyncThrowingStream<TableFrame, any Error>.Continuation) {
        self.client = client
        self.continuation = continuation
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        state.withLock { state in
            state.response = response
            if (response as? HTTPURLResponse)?.statusCode != 200 { state.refusal = [] }
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        do {
            let frames = try state.withLock { state -> [TableFrame] in
                guard let refusal = state.refusal else { return try state.reader.read(data) }
                state.refusal = Array((refusal + data).prefix(Self.refusalLimit))
                return []
            }
            for frame in frames { continuation.yield(frame) }
        } catch {
            continuation.finish(throwing: ClientError(.unexpectedAnswer, "\(error)"))
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (response, refusal) = state.withLock { ($0.response, $0.refusal) }
        if let error {
            continuation.finish(throwing: client.unreachable(error))
        } else if let response, let refusal {
            do {
                try client.check(response, body: Data(refusal))
                continuation.finish(
                    throwing: ClientError(.unexpectedAnswer, "\(client.baseURL) did not send a table stream."))
            } catch {
                continuation.finish(throwing: error)
            }
        } else {
            continuation.finish()
        }
    }
}
