import Foundation
import Resources
import TestSupport

/// A running `turnout dev` of one test.
struct Dev: Sendable {
    let scratch: Scratch
    let process: TurnoutProcess
    let controlPort: Int
    let proxyPort: Int
    let adminPort: Int

    static let userCount = 500

    static func with<Value>(_ body: (Dev) async throws -> Value) async throws -> Value {
        try await Scratch.with { scratch in
            let control = try LoopbackPort.reserve()
            let proxy = try LoopbackPort.reserve()
            let admin = try LoopbackPort.reserve()
            let process = try TurnoutProcess(
                [
                    "dev", "--data", scratch.file("data").path, "--control", "127.0.0.1:\(control)",
                    "--proxy", "127.0.0.1:\(proxy)", "--admin", "127.0.0.1:\(admin)",
                ], outputFile: scratch.file("dev.log"))
            try await isReady("http://127.0.0.1:\(control)/api/v1/readyz", process, "turnout dev")
            let dev = Dev(
                scratch: scratch, process: process, controlPort: control, proxyPort: proxy, adminPort: admin)
            do {
                let value = try await body(dev)
                process.send(SIGTERM)
                guard try await process.waitForExit() == 0 else {
                    throw EndToEndFailure("turnout dev did not end cleanly:\n\(process.output())")
                }
                return value
            } catch {
                throw EndToEndFailure("\(error)\n--- turnout dev said:\n\(process.output().suffix(4000))")
            }
        }
    }

    func user(_ name: String = "ada") -> CommandLineUser {
        CommandLineUser(controlURL: "http://127.0.0.1:\(controlPort)", name: name, scratch: scratch.directory)
    }

    /// Registers two versions of `fraud`, and applies an endpoint that splits them 90 to 10 between dead scorers.
    func applyTwoVersions(_ user: CommandLineUser) async throws {
        try await user.run("model", "create", "fraud")
        try await user.run("version", "register", "fraud")
        try await user.run("version", "register", "fraud")
        try scratch.write(
            endpointFile(champion: "127.0.0.1:9", challenger: "127.0.0.1:9", traffic: "10"), to: "fraud.yaml")
        try await user.run("apply", scratch.endpoints, "--wait")
    }

    func inStep(_ user: CommandLineUser) async throws {
        try await eventually(deadline: .seconds(20), "the proxy in step") {
            let status: EndpointStatus = try await user.run("status", "fraud", "--output", "json").json()
            return status.proxies.live == 1 && status.proxies.inStep == 1
        }
    }

    /// The version that answers each of the users.
    func whoServesWhom() throws -> [String: String] {
        let connection = try ScoringConnection(port: proxyPort)
        var result: [String: String] = [:]
        for number in 0..<Self.userCount {
            let user = "user-\(number)"
            let answer = try connection.score(path: "/fraud/score", headers: ["x-user-id": user])
            guard answer.status == 200, let version = answer.version else {
                throw EndToEndFailure("\(user): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
            }
            guard String(decoding: answer.body, as: UTF8.self).contains("\"\(version)\"") else {
                throw EndToEndFailure("the answer claims \(version), the scorer said otherwise: \(answer.body)")
            }
            result[user] = version
        }
        return result
    }
}
