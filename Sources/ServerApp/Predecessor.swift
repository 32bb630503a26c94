import Foundation
import Proxy

/// The proxy whose place this one takes, and what it handed over. Calls block.
struct Predecessor: Sendable {
    /// For the answer to a question: the running proxy first ends what it has begun with its control plane.
    private static let offerTimeout = Duration.seconds(60)
    private static let releaseTimeout = Duration.seconds(10)

    let process: Int32
    /// Of the table that it serves; 0 for none.
    let generation: Int
    let lock: DataLock
    let takeovers: UnixListener
    /// The admin port's listener, and those of scoring requests.
    let admin: Int32
    let scoring: [Int32]
    private let channel: UnixChannel

    /// Asks the proxy that runs with this data directory for its place.
    ///
    /// - Throws: `UnixSocketError` with code `nobodyThere` when none can be asked; `StartFault` when it refuses.
    static func ask(directory: String, proxy: ListenAddress, admin: ListenAddress) throws -> Predecessor {
        let channel = try UnixChannel(directory: directory, name: TakeoverMessage.socketName)
        var ask = TakeoverMessage(.ask)
        (ask.proxy, ask.admin) = (proxy.description, admin.description)
        do {
            try ask.send(on: channel)
            let (answer, descriptors) = try TakeoverMessage.receive(on: channel, within: offerTimeout)
            guard answer.step == .offer, descriptors.count > TakeoverMessage.otherDescriptors else {
                for descriptor in descriptors { close(descriptor) }
                throw StartFault(
                    description: "the running proxy, process \(answer.process), does not hand over: "
                        + (answer.reason ?? "it gives no reason"))
            }
            return Predecessor(
                process: answer.process, generation: answer.generation ?? 0,
                lock: DataLock(inheriting: descriptors[0]), takeovers: try UnixListener(inheriting: descriptors[1]),
                admin: descriptors[2], scoring: Array(descriptors[TakeoverMessage.otherDescriptors...]),
                channel: channel)
        } catch let error as UnixSocketError {
            throw StartFault(description: "the running proxy did not hand over: \(error.message)")
        }
    }

    /// Tells it that this one accepts connections.
    ///
    /// - Returns: false when it had stopped waiting and goes on: this one must go.
    func release() -> Bool {
        do {
            try TakeoverMessage(.serving).send(on: channel)
        } catch {
            // What it said before it closed, if it did, is still to be read.
        }
        // Killed meanwhile, or stuck: somebody has to serve.
        guard let answer = try? TakeoverMessage.receive(on: channel, within: Self.releaseTimeout) else { return true }
        return answer.message.step != .withdraw
    }
}
