import ControlAPITypes
package import Foundation
import FoundationNetworking
package import Resources

extension APIClient {
    /// How long an artifact may take to be hashed by the server before its first byte comes, or after its last.
    private static let artifactTimeout: TimeInterval = 3600

    package func artifacts(_ page: PageRequest) async throws -> Page<Artifact> {
        try await get(APIPath("artifacts").page(page))
    }

    package func artifact(_ digest: ArtifactDigest) async throws -> Artifact {
        try await get(APIPath("artifacts", digest.rawValue))
    }

    /// Hashes a file and sends it, read as it is sent; the server refuses what does not arrive whole.
    package func pushArtifact(_ file: URL) async throws -> Artifact {
        let digest = try FileDigest.sha256(file)
        var request = try request("POST", APIPath("artifacts").query("digest", digest.rawValue))
        request.timeoutInterval = Self.artifactTimeout
        request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        let answer = try await exchange(request) { try await session.upload(for: $0, fromFile: file) }
        return try read(answer.response, body: answer.data)
    }

    /// Fetches an artifact into a temporary file, which is the caller's to remove, and checks every byte of it.
    package func pullArtifact(_ digest: ArtifactDigest) async throws -> URL {
        var request = try request("GET", APIPath("artifacts", digest.rawValue, "content"))
        request.timeoutInterval = Self.artifactTimeout
        let answer: (file: URL, response: URLResponse)
        do {
            answer = try await session.download(for: request)
        } catch {
            throw unreachable(error)
        }
        do {
            if (answer.response as? HTTPURLResponse)?.statusCode != 200 {
                try check(answer.response, body: (try? Data(contentsOf: answer.file)) ?? Data())
            }
            let actual = try FileDigest.sha256(answer.file)
            guard actual == digest else {
                throw ClientError(
                    .unexpectedAnswer, "The artifact \(digest) was damaged on its way: what came hashes to \(actual).")
            }
            return answer.file
        } catch {
            try? FileManager.default.removeItem(at: answer.file)
            throw error
        }
    }

    /// Has the server hash an artifact anew.
    package func verifyArtifact(_ digest: ArtifactDigest) async throws -> ArtifactInspection {
        var request = try request("POST", APIPath("artifacts", digest.rawValue, "verify"))
        request.timeoutInterval = Self.artifactTimeout
        let answer = try await exchange(request) { try await session.answer(to: $0) }
        return try read(answer.response, body: answer.data)
    }
}
