import Foundation
import Resources
import Splitting
import Synchronization
import TestSupport
import Testing

@Suite("While requests flow")
struct SwitchingTests {
    @Test(
        "200 changes of the split lose no request, and no version answers that the table of the answer does not allow")
    func switchesWithoutLoss() async throws {
        try await Dev.with { dev in
            let ada = dev.user()
            let champion = try StubScorer(version: "fraud/1")
            let challenger = try StubScorer(version: "fraud/2")
            defer {
                champion.stop()
                challenger.stop()
            }
            try await ada.run("model", "create", "fraud")
            try await ada.run("version", "register", "fraud")
            try await ada.run("version", "register", "fraud")

            var owners: [Int: [VariantName: [BucketRange]]] = [:]
            func apply(_ traffic: String) async throws -> Int {
                try dev.scratch.write(
                    endpointFile(champion: champion.authority, challenger: challenger.authority, traffic: traffic),
                    to: "fraud.yaml")
                try await ada.run("apply", dev.scratch.endpoints, "--wait")
                let table = try await ServedTable(adminPort: dev.adminPort)
                owners[table.generation] = table.owners(of: "fraud")
                return table.generation
            }

            let load = ScoringLoad(port: dev.proxyPort, path: "/fraud/score", clients: 2, users: 2000, isPaced: true)
            load.floor.store(try await apply("10"), ordering: .releasing)
            load.start()
            for change in 0..<200 {
                load.allow(50)
                let generation = try await apply(change.isMultiple(of: 2) ? "\(20 + change % 60).25" : "10")
                load.floor.store(generation, ordering: .releasing)
            }
            let observations = try await load.stop()

            #expect(load.failures.isEmpty, "\(load.failures)")
            #expect(observations.count > 2000)
            #expect(Set(observations.compactMap(\.answer.generation)).count > 20, "requests met many tables")
            let wrong = observations.filter { !isAllowed($0, by: owners) }
            #expect(wrong.isEmpty, "\(wrong.count), the first: \(String(describing: wrong.first))")
        }
    }

    /// The answer's own table must not be older than what was in step when the request was sent, must exist, and must
    /// give the user's bucket to the variant that answered; and the scorer itself must say the same version.
    private func isAllowed(
        _ observation: ScoringLoad.Observation, by owners: [Int: [VariantName: [BucketRange]]]
    ) -> Bool {
        let answer = observation.answer
        guard answer.status == 200, let generation = answer.generation, generation >= observation.floor,
            let table = owners[generation], let variant = answer.variant, let version = answer.version
        else { return false }
        let bucket = Bucket.of(key: observation.user, salt: "fraud")
        let owner = table.first { $0.value.contains { $0.contains(bucket) } }?.key.rawValue
        return owner == variant && version == (variant == "champion" ? "fraud/1" : "fraud/2")
            && String(decoding: answer.body, as: UTF8.self).contains("\"\(version)\"")
    }

    /// What the proxy's admin port says that it serves.
    private struct ServedTable: Decodable {
        struct Route: Decodable {
            struct Arm: Decodable {
                let name: VariantName
                let ranges: [BucketRange]
            }
            let endpoint: EndpointName
            let variants: [Arm]
        }
        let generation: Int
        let endpoints: [Route]

        init(adminPort: Int) async throws {
            guard let answer = await get("http://127.0.0.1:\(adminPort)/table"), answer.status == 200 else {
                throw EndToEndFailure("the admin port shows no table")
            }
            self = try JSONDecoder().decode(ServedTable.self, from: Data(answer.body.utf8))
        }

        func owners(of endpoint: String) -> [VariantName: [BucketRange]] {
            let arms = endpoints.first { $0.endpoint.rawValue == endpoint }?.variants ?? []
            return Dictionary(uniqueKeysWithValues: arms.map { ($0.name, $0.ranges) })
        }
    }
}
