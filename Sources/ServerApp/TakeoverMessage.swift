import Foundation
import Proxy

/// What two proxies tell each other when one takes the other's place.
struct TakeoverMessage: Codable, Sendable, Hashable {
    enum Step: String, Codable, Sendable {
        /// The new one: where it was told to listen.
        case ask
        /// The running one hands over: the lock, the takeover socket, the admin port's listener and those of scoring
        /// requests come along. Until `serving` it goes on serving, and changes nothing on disk.
        case offer
        /// The running one stays.
        case refuse
        /// The new one accepts connections.
        case serving
        /// The running one accepts no more, and ends.
        case release
        /// The running one waited too long, and goes on.
        case withdraw
    }

    /// Of what they say; each refuses what it does not know.
    static let version = 1
    static let socketName = "takeover.sock"
    /// Descriptors before those of scoring requests.
    static let otherDescriptors = 3

    var takeover = Self.version
    var step: Step
    /// Who says it.
    var process = ProcessInfo.processInfo.processIdentifier
    /// `ask`: `HOST:PORT`, as it was told.
    var proxy: String?
    var admin: String?
    /// `offer`: of the table that is served, and on disk; absent for none.
    var generation: Int?
    /// `refuse`: why, for people.
    var reason: String?

    init(_ step: Step) { self.step = step }

    private struct Version: Decodable { let takeover: Int }

    func send(on channel: UnixChannel, descriptors: [Int32] = []) throws {
        try channel.send(Array(try JSONEncoder().encode(self)), descriptors: descriptors, timeout: .seconds(5))
    }

    /// - Throws: `UnixSocketError`; `malformed` for what another version of the program says.
    static func receive(
        on channel: UnixChannel, within timeout: Duration
    ) throws -> (message: TakeoverMessage, descriptors: [Int32]) {
        let (bytes, descriptors) = try channel.receive(timeout: timeout)
        let data = Data(bytes)
        guard let version = try? JSONDecoder().decode(Version.self, from: data).takeover, version == Self.version,
            let message = try? JSONDecoder().decode(TakeoverMessage.self, from: data)
        else {
            for descriptor in descriptors { close(descriptor) }
            throw UnixSocketError(
                .malformed, "it speaks another version of the takeover than this one, \(Self.version)")
        }
        return (message, descriptors)
    }
}
