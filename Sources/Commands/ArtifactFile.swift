import ControlAPIClient
import Foundation
import Resources

/// A file on this machine that is, or becomes, an artifact.
struct ArtifactFile {
    /// What a version calls it.
    let name: ArtifactName
    let url: URL

    /// Reads `PATH` or `NAME=PATH`. A directory stands for all files below it, each named by its path from there.
    static func files(_ argument: String) throws -> [ArtifactFile] {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        let path = parts.count == 2 ? parts[1] : argument
        let url = URL(fileURLWithPath: path)
        let name = parts.count == 2 ? parts[0] : url.lastPathComponent
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFault(.usage, "there is no file \(path)")
        }
        guard isDirectory.boolValue else { return [ArtifactFile(name: try ArtifactName(validating: name), url: url)] }
        let below = (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).sorted()
        let files = try below.compactMap { relative -> ArtifactFile? in
            let file = url.appendingPathComponent(relative)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return ArtifactFile(name: try ArtifactName(validating: "\(name)/\(relative)"), url: file)
        }
        guard !files.isEmpty else { throw CommandFault(.usage, "there are no files below \(path)") }
        return files
    }

    /// Hashes the file and sends it.
    func push(_ client: APIClient) async throws -> Artifact {
        try await client.pushArtifact(url)
    }

    /// Fetches an artifact into a file, which is replaced in one step and only by bytes that hash to the digest.
    static func pull(_ digest: ArtifactDigest, to file: URL, _ client: APIClient) async throws {
        let fetched = try await client.pullArtifact(digest)
        defer { try? FileManager.default.removeItem(at: fetched) }
        let folder = file.deletingLastPathComponent()
        // Renaming replaces in one step, but only within a file system: hence the copy next to the file.
        let neighbour = folder.appendingPathComponent(".\(file.lastPathComponent).\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: fetched, to: neighbour)
        } catch {
            throw CommandFault(.failed, "cannot write \(file.path): \(error.localizedDescription)")
        }
        guard rename(neighbour.path, file.path) == 0 else {
            try? FileManager.default.removeItem(at: neighbour)
            throw CommandFault(.failed, "cannot write \(file.path): \(String(cString: strerror(errno)))")
        }
    }
}
