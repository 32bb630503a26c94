import Digests
import Foundation
import Resources

/// A plan as `plan --out` writes it: with a digest, so that a file that was edited since is not taken for what was shown.
struct SealedPlan: Codable {
    private static let format = "turnout/plan/v1"

    private let format: String
    /// SHA-256 of the plan's canonical JSON.
    private let digest: String
    private let file: PlanFile

    init(_ file: PlanFile) throws {
        format = Self.format
        self.file = file
        digest = try Self.digest(of: file)
    }

    func write(to path: String) throws {
        do {
            try MachineOutput.json(self).write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFault(.failed, "\(path) can't be written: \(error.localizedDescription)")
        }
    }

    /// - Throws: `CommandFault` when it can't be read, is no plan, or was changed since it was written.
    static func read(from path: String) throws -> PlanFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFault(.usage, "\(path) can't be read")
        }
        guard let sealed = try? JSONDecoder().decode(SealedPlan.self, from: data), sealed.format == format else {
            throw CommandFault(.usage, "\(path) is not a plan of 'turnout plan --out'")
        }
        guard try digest(of: sealed.file) == sealed.digest else {
            throw CommandFault(
                .usage, "\(path) was changed after 'turnout plan --out' wrote it, so it is not what was shown",
                hint: "plan again")
        }
        return sealed.file
    }

    private static func digest(of file: PlanFile) throws -> String {
        "sha256:" + SHA256Digest.hash(try MachineOutput.json(file)).hex
    }
}
