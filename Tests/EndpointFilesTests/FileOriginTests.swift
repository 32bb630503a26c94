import Foundation
import Testing

@testable import EndpointFiles

@Suite struct FileOriginTests {
    @Test(
        "A repository has one name however it is reached, and never with credentials",
        arguments: [
            ("https://github.com/acme/models", "github.com/acme/models"),
            ("https://github.com/acme/models.git", "github.com/acme/models"),
            ("https://user:secret@GitHub.com/acme/models.git/", "github.com/acme/models"),
            ("git@github.com:acme/models.git", "github.com/acme/models"),
            ("ssh://git@github.com:2222/acme/models.git", "github.com/acme/models"),
            ("git://[::1]:9418/models.git", "[::1]/models"),
            ("/srv/git/models.git", "/srv/git/models"),
            ("file:///srv/git/models.git", "/srv/git/models"),
            ("host:/srv/models.git", "host/srv/models"),
        ])
    func repositoryName(remote: String, name: String) {
        #expect(FileOrigin.repository(remote) == name)
    }

    @Test("A directory of a checkout is named by repository and path, one outside by its absolute path")
    func checkout() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("turnout-\(UUID().uuidString)")
        let endpoints = root.appendingPathComponent("deploy/endpoints")
        try FileManager.default.createDirectory(at: endpoints, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let file = endpoints.appendingPathComponent("fraud.yaml")
        try Data("kind: Endpoint\n".utf8).write(to: file)
        let absolute = endpoints.resolvingSymlinksInPath().path
        let outside = FileOrigin(of: endpoints.path)
        #expect(outside.source == absolute && outside.commit == nil)

        try Self.git(["init", "--quiet"], in: root)
        #expect(FileOrigin(of: endpoints.path).source == absolute)
        try Self.git(["remote", "add", "origin", "git@github.com:acme/models.git"], in: root)
        try Self.git(["add", "."], in: root)
        try Self.git(
            ["-c", "user.name=ada", "-c", "user.email=ada@acme.test", "commit", "--quiet", "-m", "first"], in: root)
        let inside = FileOrigin(of: file.path)
        #expect(inside.source == "github.com/acme/models//deploy/endpoints")
        #expect(inside == FileOrigin(of: endpoints.path))
        #expect(inside.commit?.count == 40)
        #expect(FileOrigin(of: root.path).source == "github.com/acme/models//")
        try Data("kind: Overlay\n".utf8).write(to: file)
        #expect(FileOrigin(of: endpoints.path).commit?.hasSuffix("-dirty") == true)
    }

    private static func git(_ arguments: [String], in directory: URL) throws {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-C", directory.path] + arguments
        try git.run()
        git.waitUntilExit()
        #expect(git.terminationStatus == 0)
    }
}
