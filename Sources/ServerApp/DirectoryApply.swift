import ControlPlane
import EndpointFiles
import Logging
import Resources
import ServiceLifecycle

/// Applies a directory of endpoint files, and again whenever it changes. Faults are told, and waited out.
struct DirectoryApply: Service {
    let directory: String
    let environment: String?
    let controlPlane: ControlPlane
    /// Takes lines for the person at the terminal.
    let say: @Sendable (String) -> Void

    /// How soon what the registry refused is tried again: it may be waiting for a version to be registered.
    static let retryPeriod = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = DirectoryWatch(directory: directory)
            var told: [String] = []
            while !Task.isCancelled {
                let result = await apply()
                if result.lines != told { for line in result.lines { say(line) } }
                told = result.lines
                guard (try? await watch.nextChange(within: result.isRefused ? Self.retryPeriod : nil)) != nil else {
                    return
                }
            }
        }
    }

    private struct Result {
        let lines: [String]
        /// The files are fine, but the registry did not take them.
        let isRefused: Bool
    }

    private func apply() async -> Result {
        let loaded = EndpointFiles.load(directory, environment: environment)
        let diagnostics = loaded.diagnostics.map(\.description)
        guard loaded.isValid else {
            let end = "\(directory) has faults: nothing was applied. Watching for changes."
            return Result(lines: diagnostics + [end], isRefused: false)
        }
        do {
            let endpoints = loaded.endpoints.map(\.endpoint)
            let origin = FileOrigin(of: directory)
            let request = ApplyRequest(
                endpoints: endpoints, environment: environment, reason: "turnout dev applied its directory",
                commit: origin.commit, source: origin.source, inventory: endpoints.map(\.name))
            let outcome = try await controlPlane.apply(request, by: Caller(actor: "turnout dev", role: .admin))
            return Result(lines: diagnostics + [summary(outcome)] + outcome.notes, isRefused: false)
        } catch {
            let fault = (error as? TurnoutError)?.message ?? "\(error)"
            return Result(lines: diagnostics + ["\(directory) could not be applied: \(fault)"], isRefused: true)
        }
    }

    private func summary(_ outcome: ChangeOutcome) -> String {
        switch outcome.status {
        case .applied: "Applied \(directory): release \(outcome.release)."
        case .unchanged: "\(directory) is what release \(outcome.release) says already."
        case .held:
            "Recorded \(directory) as release \(outcome.release); an endpoint waits for a hold (`turnout status`)."
        }
    }
}
