import Glibc
import TestSupport
import Testing

@testable import Postgres

struct PrivatePostgresServerTests {
    @Test func `What was committed is there after a clean stop, a crash, and a killed postmaster`() async throws {
        try await ScratchDirectory.with { directory async throws in
            let configuration = PrivatePostgresConfiguration(directory: directory + "/deep/er/postgres")
            let server = try PrivatePostgresServer(configuration, logger: TestDatabase.quietLogger)
            let url = try await server.start()
            #expect(try await server.start() == url)
            try await script(url, "CREATE TABLE model (a int); INSERT INTO model VALUES (1)")
            #expect(try await setting(url, "fsync") == "on")
            #expect(try await setting(url, "listen_addresses") == "")
            try await server.stop()
            try await server.start()
            try await script(url, "INSERT INTO model VALUES (2)")
            try await server.stop(.immediate)
            try await server.start()
            try await script(url, "INSERT INTO model VALUES (3)")
            kill(try #require(try cluster(configuration).recordedPID), SIGKILL)
            try await server.stop()
            try await server.start()
            #expect(try await count(url, "SELECT count(*) AS count FROM model") == 3)
            try await server.stop()
            #expect(try cluster(configuration).serverProcesses.isEmpty)
        }
    }

    @Test func `A second server on the same directory is refused, and the first goes on`() async throws {
        try await ScratchDirectory.with { directory async throws in
            let configuration = PrivatePostgresConfiguration(directory: directory + "/postgres")
            let server = try PrivatePostgresServer(configuration, logger: TestDatabase.quietLogger)
            let url = try await server.start()
            let second = try PrivatePostgresServer(configuration, logger: TestDatabase.quietLogger)
            let error = await expectCode(.privateServer) { try await second.start() }
            #expect(error?.description.contains("another Turnout (process \(getpid())) is running on") == true)
            #expect(try await count(url, "SELECT 1 AS count") == 1)
            try await server.stop()
        }
    }

    @Test func `The server stops in good order when its parent is killed with -9`() async throws {
        try await ScratchDirectory.with { directory async throws in
            let configuration = PrivatePostgresConfiguration(directory: directory + "/postgres")
            let server = try PrivatePostgresServer(configuration, logger: TestDatabase.quietLogger)
            let url = try await server.start()
            try await server.stop()
            let parent = try OrphanMaker(server, cluster(configuration), directory: directory)
            #expect(await answers(url))
            parent.kill()
            #expect(try await isEmptied(cluster(configuration)))
            let log = try #require(PosixFile.readText(cluster(configuration).logPath))
            #expect(log.hasSuffix("database system is shut down\n"))
            try await server.start()
            #expect(try await count(url, "SELECT 1 AS count") == 1)
            try await server.stop()
        }
    }

    @Test func `A server that survived its parent's death is replaced at the next start`() async throws {
        try await ScratchDirectory.with { directory async throws in
            let configuration = PrivatePostgresConfiguration(directory: directory + "/postgres")
            let server = try PrivatePostgresServer(configuration, logger: TestDatabase.quietLogger)
            let url = try await server.start()
            try await server.stop()
            let parent = try OrphanMaker(server, cluster(configuration), directory: directory)
            #expect(await answers(url))
            let survivor = try cluster(configuration).recordedPID
            try await server.start()
            #expect(try cluster(configuration).recordedPID != survivor)
            #expect(try await count(url, "SELECT 1 AS count") == 1)
            try await server.stop()
            parent.kill()
        }
    }

    @Test func `A directory too deep for a socket's address works all the same`() async throws {
        try await ScratchDirectory.with { directory async throws in
            let deep = directory + "/" + String(repeating: "long", count: 30) + "/postgres"
            let server = try PrivatePostgresServer(
                PrivatePostgresConfiguration(directory: deep), logger: TestDatabase.quietLogger)
            let url = try await server.start()
            #expect(try await count(url, "SELECT 1 AS count") == 1)
            try await server.stop()
            rmdir(try ClusterDirectory(deep, account: .current()).socketDirectory)
        }
    }

    @Test func `Missing programs, a foreign directory and an unreachable one are each explained`() async throws {
        try await ScratchDirectory.with { directory async throws in
            let quiet = TestDatabase.quietLogger
            let missing = PrivatePostgresConfiguration(directory: directory + "/a/postgres", binaries: "/nowhere")
            let first = await expectCode(.privateServer) {
                try await PrivatePostgresServer(missing, logger: quiet).start()
            }
            #expect(first?.description.contains("/nowhere") == true)

            try PosixFile.makeDirectories(directory + "/b/postgres/something")
            let foreign = PrivatePostgresConfiguration(directory: directory + "/b/postgres")
            let second = await expectCode(.privateServer) {
                try await PrivatePostgresServer(foreign, logger: quiet).start()
            }
            #expect(second?.description.contains("neither empty nor a PostgreSQL cluster") == true)

            guard geteuid() == 0 else { return }
            try PosixFile.makeDirectories(directory + "/c/data")
            chmod(directory + "/c", 0o700)
            let closed = PrivatePostgresConfiguration(directory: directory + "/c/data/postgres")
            let third = await expectCode(.privateServer) {
                try await PrivatePostgresServer(closed, logger: quiet).start()
            }
            #expect(third?.description.contains("chmod o+x \(directory)/c") == true)
        }
    }

    @Test func `An ephemeral server leaves no file behind`() async throws {
        let directory = try await PostgresServerFixture.with { fixture in
            try #require(fixture.server.configuration.removable)
        }
        #expect(!PosixFile.exists(directory))
    }

    private func cluster(_ configuration: PrivatePostgresConfiguration) throws -> ClusterDirectory {
        try ClusterDirectory(configuration.directory, account: .current())
    }
}
