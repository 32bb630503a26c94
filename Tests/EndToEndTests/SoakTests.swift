import Foundation
import TestSupport
import Testing

@Suite("While many change it and it is being hurt")
struct SoakTests {
    @Test("a short run of the fault harness finds every invariant held")
    func shortRun() async throws {
        let output = URL(filePath: "/tmp/turnout-soak-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let program = try TurnoutProcess.executable().deletingLastPathComponent().appending(path: "soak")
        let run = try TurnoutProcess(
            [
                "--seconds", "6", "--changes", "100", "--fault", "cutAfterCommit", "--fault", "terminateSessions",
                "--fault", "killServer",
            ], executable: program, outputFile: output)
        let code = try await run.waitForExit(within: .seconds(240))
        #expect(code == 0, "\(run.output())")
    }
}
