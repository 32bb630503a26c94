import Foundation
import Logging
import Proxy
import ServiceLifecycle

/// Hands a running proxy's place over to the process that asks for it, one at a time. Ends once it has.
struct TakeoverService: Service {
    /// For the new proxy to read its table, look names up and accept.
    var servingTimeout = Duration.seconds(30)
    private static let askTimeout = Duration.seconds(5)

    let listener: UnixListener
    let lock: DataLock
    let host: ProxyHost
    /// Absent for a proxy without a control plane.
    let link: ControlLink?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskCancellationHandler {
                await serve()
            } onCancel: {
                listener.stop()
            }
        }
    }

    private func serve() async {
        while !Task.isCancelled {
            do {
                let listener = listener
                guard let channel = try await blocking({ try listener.accept() }) else { return }
                if await handOver(on: channel) { return }
            } catch {
                logger.error("No other process can take this one's place", metadata: ["error.message": "\(error)"])
                // The proxy serves all the same.
                try? await gracefulShutdown()
            }
        }
    }

    /// - Returns: whether the other process serves now.
    private func handOver(on channel: UnixChannel) async -> Bool {
        await withTaskCancellationHandler {
            do {
                let ask = try await ask(on: channel)
                await link?.pause()
                try await offer(on: channel)
                let timeout = servingTimeout
                let answer = try await blocking { try TakeoverMessage.receive(on: channel, within: timeout) }
                guard answer.message.step == .serving else {
                    throw UnixSocketError(.malformed, "it does not say that it serves")
                }
                try TakeoverMessage(.release).send(on: channel)
                logger.info("Another process has taken this one's place", metadata: ["process": "\(ask.process)"])
                host.handOver()
                return true
            } catch {
                // Told to end, this one leaves its place to the other.
                if Task.isCancelled { return false }
                if let refusal = error as? Refusal {
                    var message = TakeoverMessage(.refuse)
                    message.reason = refusal.reason
                    try? message.send(on: channel)
                } else {
                    try? TakeoverMessage(.withdraw).send(on: channel)
                }
                logger.warning(
                    "Another process did not take this one's place; serving on", metadata: ["reason": "\(error)"])
                link?.resume()
                return false
            }
        } onCancel: {
            channel.shutDown()
        }
    }

    private struct Refusal: Error, CustomStringConvertible {
        let reason: String
        var description: String { reason }
    }

    private func ask(on channel: UnixChannel) async throws -> TakeoverMessage {
        guard let peer = channel.peer, peer.user == geteuid() || peer.user == 0 else {
            throw Refusal(reason: "it is another user's")
        }
        let message: TakeoverMessage
        do {
            message = try await blocking { try TakeoverMessage.receive(on: channel, within: Self.askTimeout).message }
        } catch let error as UnixSocketError where error.code == .malformed {
            throw Refusal(reason: error.message + ": stop it, and start the new one then")
        }
        guard message.step == .ask else { throw Refusal(reason: "it expects to be asked") }
        for (flag, asked, own) in [
            ("--proxy", message.proxy, host.address), ("--admin", message.admin, host.adminAddress),
        ] {
            let address = asked.flatMap(ListenAddress.init(parsing:))
            guard let address, address.host == own.host, address.port == own.port || address.port == 0 else {
                throw Refusal(
                    reason: "it listens at \(own), and \(flag) of the new one says \(asked ?? "nothing"): only what "
                        + "stays the same can be taken over")
            }
        }
        return message
    }

    private func offer(on channel: UnixChannel) async throws {
        guard await host.tableIsKept() else {
            throw Refusal(
                reason: "the routing table that it serves can't be kept on disk, where the new one would start from")
        }
        let scoring = host.duplicateListeners()
        defer { for descriptor in scoring { close(descriptor) } }
        guard !scoring.isEmpty else { throw Refusal(reason: "it is about to end") }
        var offer = TakeoverMessage(.offer)
        offer.generation = host.served?.generation
        let descriptors = [lock.descriptor, listener.descriptor, host.adminListener] + scoring
        let message = offer
        try await blocking { try message.send(on: channel, descriptors: descriptors) }
    }
}
