import Foundation
import FoundationNetworking
import Synchronization

extension URLSession {
    /// As `data(for:)`, but a cancelled caller leaves the exchange to itself and returns at once: cancelling a task of this
    /// session on Linux ends the process when its answer comes at the same moment (`TaskRegistry`: "Trying to access a
    /// behaviour for a task that in not in the registry").
    ///
    /// - Throws: what the session does, or `CancellationError`; the request may be carried out all the same.
    func answer(to request: URLRequest) async throws -> (Data, URLResponse) {
        let left = LeftExchange()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard left.await(with: continuation) else { return }
                dataTask(with: request) { data, response, error in
                    if let data, let response {
                        left.end(.success((data, response)))
                    } else {
                        left.end(.failure(error ?? URLError(.badServerResponse)))
                    }
                }.resume()
            }
        } onCancel: {
            left.end(.failure(CancellationError()))
        }
    }
}

/// Hands the first end of an exchange to whoever waits for it.
private final class LeftExchange: Sendable {
    typealias Answer = (Data, URLResponse)

    private enum State {
        case new
        case awaited(CheckedContinuation<Answer, any Error>)
        case ended
    }

    private let state = Mutex(State.new)

    /// - Returns: false when it ended before; the waiting ends then too.
    func await(with continuation: CheckedContinuation<Answer, any Error>) -> Bool {
        let hasEnded = state.withLock { state in
            if case .ended = state { return true }
            state = .awaited(continuation)
            return false
        }
        if hasEnded { continuation.resume(throwing: CancellationError()) }
        return !hasEnded
    }

    func end(_ result: sending Result<Answer, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Answer, any Error>? in
            defer { state = .ended }
            guard case .awaited(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(with: result)
    }
}
