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
            .refused(error.code), error.message, faults: error.faults ?? [], requestID: error.requestId)
    }

    /// What a failed attempt to reach the server is to the caller; a cancelled one stays that.
    ///
    /// - Parameter isAgain: whether the request was sent before, so that it may have been carried out all the same.
    package func unreachable(_ error: any Error, isAgain: Bool = false) -> any Error {
        let code = (error as? URLError)?.code
        switch code {
        case .cancelled: return CancellationError()
        case _ where error is CancellationError: return error
        case .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed:
            if isAgain { return ClientError(.lost, "\(baseURL) went away; \(Self.uncertainty)") }
            return ClientError(
                .unreachable, "cannot reach \(baseURL): is `turnout dev` or `turnout server` running?")
        case .timedOut: return ClientError(.lost, "\(baseURL) gave no answer in time; \(Self.uncertainty)")
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
            return ClientError(.unreachable, "\(baseURL) can't be trusted: its certificate is refused.")
        default: return ClientError(.lost, "the connection to \(baseURL) broke; \(Self.uncertainty)")
        }
    }

    private static let uncertainty = "if this was a change, look whether it was made before you make it again."
}
