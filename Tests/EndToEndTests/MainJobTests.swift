import Foundation
import Resources
import Splitting
import TestSupport
import Testing

@Suite("From an endpoint file to split requests")
struct MainJobTests {
    @Test("turnout dev registers, plans, applies, splits, promotes, rolls back and explains")
    func tellsTheWholeStory() async throws {
        try await Dev.with { dev in
            let ada = dev.user()
            try await ada.run("model", "create", "fraud")
            #expect(try await ada.run("version", "register", "fraud").output.contains("fraud/1"))
            #expect(try await ada.run("version", "register", "fraud").output.contains("fraud/2"))
            let champion = try StubScorer(version: "fraud/1")
            let challenger = try StubScorer(version: "fraud/2")
            defer {
                champion.stop()
                challenger.stop()
            }
            try dev.scratch.write(
                endpointFile(champion: champion.authority, challenger: challenger.authority, traffic: "10"),
                to: "fraud.yaml")

            try await ada.run("validate", dev.scratch.endpoints)
            let plan: Plan = try await ada.run("plan", dev.scratch.endpoints, "--output", "json", expecting: 5).json()
            #expect(plan.baseRelease == 0)
            #expect(plan.changes.map(\.action) == [.create])
            try await ada.run("apply", dev.scratch.endpoints, "--wait", "--reason", "first split")
            try await ada.run("plan", dev.scratch.endpoints)
            let again = try await ada.run("apply", dev.scratch.endpoints)
            #expect(again.output.contains("Nothing to change"))

            let split = try dev.whoServesWhom()
            let wanted = (0..<Dev.userCount).filter { Bucket.of(key: "user-\($0)", salt: "fraud") < 1000 }
            #expect(Set(wanted.map { "user-\($0)" }) == Set(split.filter { $0.value == "fraud/2" }.keys))

            try await ada.run("promote", "fraud", "challenger", "--reason", "it is better")
            try await dev.inStep(ada)
            #expect(Set(try dev.whoServesWhom().values) == ["fraud/2"])
            let held = try await ada.run("apply", dev.scratch.endpoints, expecting: 3)
            #expect((held.output + held.errors).contains("ada"), "whose hold it is: \(held.output)")

            try await ada.run("rollback", "fraud")
            try await dev.inStep(ada)
            #expect(try dev.whoServesWhom() == split, "the identical users are back where they were")

            for user in ["user-1", "user-42", "user-77"] {
                let explanation: Explanation =
                    try await ada.run("explain", "fraud", "--key", user, "--output", "json").json()
                #expect("\(explanation.model)/\(explanation.version)" == split[user])
            }
            try await ada.run("resume", "fraud")
            let status: EndpointStatus = try await ada.run("status", "fraud", "--output", "json").json()
            #expect(status.held == nil)
        }
    }

    @Test("machine output has exactly the documented fields")
    func printsTheDocumentedFields() async throws {
        try await Dev.with { dev in
            let ada = dev.user()
            try await dev.applyTwoVersions(ada)
            func keys(_ arguments: String...) async throws -> [String: Any] {
                let text = try await ada.run(
                    arguments[0], arguments[1], arguments[2], arguments[3], "--output", "json", expecting: nil
                ).output
                return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            }
            let explanation = try await keys("explain", "fraud", "--key", "user-42")
            #expect(
                Set(explanation.keys) == [
                    "endpoint", "key", "bucket", "variant", "model", "version", "revision", "release", "commit",
                    "actor", "at",
                ])
            #expect(explanation["bucket"] as? Int == 6216)
            let text = try await ada.run("status", "fraud", "--output", "json").output
            let status = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(
                Set(status.keys).isSuperset(of: [
                    "endpoint", "revision", "release", "generation", "held", "variants", "proxies",
                ]))
            let variants = try #require(status["variants"] as? [[String: Any]])
            #expect(variants.map { $0["traffic"] as? Double } == [90, 10])
            #expect(
                Set(variants[0].keys) == [
                    "name", "model", "version", "traffic", "buckets", "backends", "healthyBackends",
                ])
            let planText = try await ada.run("plan", dev.scratch.endpoints, "--output", "json").output
            let plan = try #require(try JSONSerialization.jsonObject(with: Data(planText.utf8)) as? [String: Any])
            #expect(plan["baseRelease"] as? Int == 1)
            let changes = try #require(plan["changes"] as? [[String: Any]])
            #expect(Set(changes[0].keys).isSuperset(of: ["endpoint", "action", "moves", "held"]))
        }
    }
}
