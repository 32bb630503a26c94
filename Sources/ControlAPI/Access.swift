package import ControlPlane

/// Who may ask.
package enum Access: Sendable {
    /// Everyone who reaches the socket, as administrator: `turnout dev`, on loopback alone. Web pages are kept out:
    /// only these host names are answered (so that a rebound DNS name is not), and nothing that carries an `Origin`.
    case open(hosts: Set<String>)
    /// Bearers of a token; the closure says whose it is, or throws `unauthenticated`.
    case tokens(authenticate: @Sendable (_ token: String) async throws -> Caller)
}
