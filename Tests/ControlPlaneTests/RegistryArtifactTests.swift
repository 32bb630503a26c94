import ControlPlane
import Digests
import Foundation
import RegistryStore
import Resources
import Testing

@Suite struct RegistryArtifactTests {
    private static let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    private static let digest = "sha256:" + SHA256Digest.hash(bytes).hex

    private static func pull(_ fixture: RegistryFixture, _ digest: ArtifactDigest) async throws -> [UInt8] {
        let (_, reader) = try await fixture.controlPlane.openArtifact(digest, by: RegistryFixture.viewer)
        var pulled: [UInt8] = []
        while let chunk = try await reader.next() { pulled += chunk }
        return pulled
    }

    private static func push(_ fixture: RegistryFixture, expected: String? = nil) async throws -> Artifact {
        try await fixture.controlPlane.pushArtifact(
            chunks(bytes, size: 4099), expected: try expected.map { try ArtifactDigest(validating: $0) },
            by: RegistryFixture.operators)
    }

    private static func file(_ fixture: RegistryFixture, _ digest: ArtifactDigest) -> URL {
        URL(fileURLWithPath: fixture.artifactDirectory)
            .appendingPathComponent("sha256/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))")
    }

    @Test("An artifact that is pushed comes back byte for byte, under the digest of its bytes")
    func roundTrip() async throws {
        try await RegistryFixture.with { fixture in
            let artifact = try await Self.push(fixture, expected: Self.digest)
            #expect(artifact.digest.rawValue == Self.digest)
            #expect(artifact.size == 100_000)
            #expect(try await Self.pull(fixture, artifact.digest) == Self.bytes)
            #expect(try await Self.push(fixture) == artifact)
            let incoming = try FileManager.default.contentsOfDirectory(atPath: fixture.artifactDirectory + "/incoming")
            #expect(incoming.isEmpty)
        }
    }

    @Test("An artifact of no bytes is an artifact")
    func empty() async throws {
        try await RegistryFixture.with { fixture in
            let artifact = try await fixture.controlPlane.pushArtifact(
                chunks([]), expected: nil, by: RegistryFixture.operators)
            #expect(artifact.size == 0)
            #expect(try await Self.pull(fixture, artifact.digest).isEmpty)
        }
    }

    @Test("What a killed server left of an upload is taken away a day later, and what is under way is not")
    func abandonedUploads() async throws {
        try await RegistryFixture.with { fixture in
            let incoming = fixture.artifactDirectory + "/incoming"
            try FileManager.default.createDirectory(atPath: incoming, withIntermediateDirectories: true)
            for (name, hours) in [("old", 25.0), ("young", 23)] {
                let path = "\(incoming)/\(name)"
                try Data("part".utf8).write(to: URL(fileURLWithPath: path))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -hours * 3600)], ofItemAtPath: path)
            }
            _ = try await Self.push(fixture)
            #expect(try FileManager.default.contentsOfDirectory(atPath: incoming) == ["young"])
        }
    }

    @Test("Bytes that don't hash to what was announced are refused, and nothing of them is kept")
    func wrongDigest() async throws {
        try await RegistryFixture.with { fixture in
            let announced = "sha256:" + String(repeating: "0", count: 64)
            let refused = try await refusal { _ = try await Self.push(fixture, expected: announced) }
            #expect(refused?.code == .invalid)
            #expect(refused?.message.contains(Self.digest) == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.artifactDirectory) == ["incoming"])
            #expect(try await fixture.controlPlane.artifacts(PageRequest(), by: RegistryFixture.viewer).items.isEmpty)
        }
    }

    @Test("An artifact over the limit is refused while it comes in, and leaves nothing behind")
    func tooLarge() async throws {
        try await RegistryFixture.with(maximumArtifactSize: 50_000) { fixture in
            let refused = try await refusal { _ = try await Self.push(fixture) }
            #expect(refused?.code == .tooLarge)
            let incoming = try FileManager.default.contentsOfDirectory(atPath: fixture.artifactDirectory + "/incoming")
            #expect(incoming.isEmpty)
        }
    }

    @Test("A damaged artifact is named and refused, with the versions it belongs to, until it is pushed again")
    func damage() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let artifact = try await Self.push(fixture)
            let name = try await fixture.addModel()
            let version = try await plane.registerVersion(
                of: name, VersionDraft(artifacts: [ArtifactName(validating: "m.bin"): artifact.digest]),
                by: RegistryFixture.operators)
            #expect(try await plane.inspectArtifact(artifact.digest, by: RegistryFixture.viewer).damage == nil)
            var damaged = Self.bytes
            damaged[50_000] ^= 1
            try Data(damaged).write(to: Self.file(fixture, artifact.digest))
            let refused = try await refusal { _ = try await Self.pull(fixture, artifact.digest) }
            #expect(refused?.code == .unavailable)
            #expect(refused?.message.contains(artifact.digest.rawValue) == true)
            let found = try await plane.inspectArtifact(artifact.digest, by: RegistryFixture.viewer)
            #expect(found.damage?.contains("sha256:" + SHA256Digest.hash(damaged).hex) == true)
            #expect(found.versions == [version.reference])
            try FileManager.default.removeItem(at: Self.file(fixture, artifact.digest))
            let missing = try await plane.inspectArtifact(artifact.digest, by: RegistryFixture.viewer)
            #expect(missing.damage == "its file is missing")
            _ = try await Self.push(fixture)
            #expect(try await Self.pull(fixture, artifact.digest) == Self.bytes)
        }
    }

    @Test("A file that is a symbolic link is never followed")
    func symbolicLink() async throws {
        try await RegistryFixture.with { fixture in
            let artifact = try await Self.push(fixture)
            let file = Self.file(fixture, artifact.digest)
            let elsewhere = URL(fileURLWithPath: fixture.artifactDirectory).appendingPathComponent("elsewhere")
            try FileManager.default.moveItem(at: file, to: elsewhere)
            try FileManager.default.createSymbolicLink(at: file, withDestinationURL: elsewhere)
            let refused = try await refusal { _ = try await Self.pull(fixture, artifact.digest) }
            #expect(refused?.code == .unavailable)
        }
    }

    @Test(
        "No path leads out of a version's directory",
        arguments: [
            "../x", "a/../b", "/etc/passwd", "a//b", "a/./b", "a\\b", "", ".", "a/", "nul\0", "line\n",
        ])
    func artifactNames(text: String) {
        #expect(throws: TurnoutError.self) { try ArtifactName(validating: text) }
    }

    @Test(
        "A digest is nothing but 64 digits after its algorithm",
        arguments: [
            "sha256:../../../../etc/passwd", "sha256:" + String(repeating: "A", count: 64),
            "sha256:" + String(repeating: "a", count: 63), String(repeating: "a", count: 64),
            "sha512:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "a", count: 64) + "\n",
        ])
    func artifactDigests(text: String) {
        #expect(throws: TurnoutError.self) { try ArtifactDigest(validating: text) }
    }
}
