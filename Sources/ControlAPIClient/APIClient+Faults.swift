import ControlAPITypes
package import Foundation
package import FoundationNetworking

extension APIClient {
    /// - Throws: `ClientError` unless the status is 2xx. `body` is the answer's, at least when it is an error's.
    package func check(_ response: URLResponse, body: Data) throws(ClientError) {
        guard let response = response as? HTTPURLResponse else {
            throw ClientError(.unexpectedAnswer, "\(baseURL) did not answer with HTTP.")
        }
        try check(status: response.statusCode, body: body)
    }

    func check(status: Int, body: Data) throws(ClientError) {
        guard !(200..<300).contains(status) else { return }
        guard let envelope = try? WireJSON.decoder().decode(ErrorEnvelope.self, from: body) else {
            throw ClientError(
                .unexpectedAnswer,
                "\(baseURL) answered \(status), but not as a Turnout server does: is it one?")
        }
        let error = envelope.error
        throw ClientError(
            .refused(error.code), error.message, details: error.details ?? [], requestID: error.requestId)
    }

    /// What a failed attempt to reach the server is to the caller; a cancelled one stays that.
    package func unreachable(_ error: any Error) -> any Error {
        if error is CancellationError || (error as? URLError)?.code == .cancelled { return CancellationError() }
        if (error as? URLError)?.code == .timedOut {
            return ClientError(.unreachable, "\(baseURL) gave no answer in time.")
        }
        return ClientError(
            .unreachable, "cannot reach \(baseURL): is `turnout dev` or `turnout server` running?")
    }
}
