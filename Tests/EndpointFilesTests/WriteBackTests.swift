import EndpointFiles
import Foundation
import Resources
import Testing

@Suite struct WriteBackTests {
    private static func share(_ text: String) throws -> Share { try #require(Share(parsing: text)) }
    private static func name(_ text: String) throws -> VariantName { try VariantName(validating: text) }

    @Test("Promoting changes the traffic scalars alone: comments, order, quoting and blanks stay") func keepsTheRest()
        throws
    {
        let text = """
            # Ask risk-ml first.
            apiVersion: turnout/v1
            kind: Endpoint
            metadata: {name: fraud,   owner: "risk-ml"}
            spec:
              backends: ['http://a-{version}:1']   # all of them
              variants:
                # the old one
                - name: champion
                  traffic:   "90.0%"   # since May
                  model: fraud/12

                - {traffic: 10,model: fraud/13,name: challenger} # the new one
                - { name: idle, model: fraud/14, traffic: 0.00 }
            """
        let edited = try WriteBack.setTraffic(
            in: text, endpoint: EndpointName(validating: "fraud"),
            shares: [Self.name("champion"): .zero, Self.name("challenger"): .all])
        let expected = text.replacing("\"90.0%\"", with: "\"0%\"").replacing("{traffic: 10,", with: "{traffic: 100,")
        #expect(edited == expected)
    }

    @Test("rest stays rest, and stands for what the others leave") func restStays() throws {
        let text = document(
            variants: """
                    - { name: champion, model: fraud/12, traffic: rest }
                    - { name: challenger, model: fraud/13, traffic: 10 }

                """)
        let edited = try WriteBack.setTraffic(
            in: text, endpoint: EndpointName(validating: "fraud"),
            shares: [Self.name("champion"): Self.share("12.5"), Self.name("challenger"): Self.share("87.5")])
        #expect(edited == text.replacing("traffic: 10 ", with: "traffic: 87.5 "))
    }

    @Test("Another endpoint of the same file is left alone") func otherDocuments() throws {
        let variants = """
                - { name: a, model: fraud/1, traffic: 40 }
                - { name: b, model: fraud/2, traffic: 60 }

            """
        let first = document(name: "first", variants: variants)
        let second = document(name: "second", variants: variants)
        let edited = try WriteBack.setTraffic(
            in: first + "---\n" + second, endpoint: EndpointName(validating: "second"),
            shares: [Self.name("a"): .all, Self.name("b"): .zero])
        let expected = second.replacing("traffic: 40", with: "traffic: 100").replacing(
            "traffic: 60", with: "traffic: 0")
        #expect(edited == first + "---\n" + expected)
    }

    @Test("What can't be edited in place is refused, saying why") func refusals() throws {
        let endpoint = try EndpointName(validating: "fraud")
        let half = try Self.share("50")
        let (a, b) = (try Self.name("a"), try Self.name("b"))
        let anchored = document(
            variants: """
                    - { name: a, model: fraud/1, traffic: &half 50 }
                    - { name: b, model: fraud/2, traffic: *half }

                """)
        func fault(_ text: String, _ shares: [VariantName: Share]) -> TurnoutError.Code? {
            do {
                _ = try WriteBack.setTraffic(in: text, endpoint: endpoint, shares: shares)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(fault(anchored, [a: .all, b: .zero]) == .conflict)
        #expect(fault(anchored, [a: half, b: half]) == nil)
        #expect(fault(anchored, [a: .all]) == .invalid)
        #expect(fault(document(name: "other"), [:]) == .notFound)
        #expect(fault(document(), [a: .zero]) == .notFound)
        #expect(fault(document(spec: "  timeout: 5\n"), [:]) == .invalidFiles)
        let escaped = anchored.replacing("&half 50", with: "\"5\\x30\"").replacing("*half", with: "50")
        #expect(fault(escaped, [a: .all, b: .zero]) == .conflict)
    }

    @Test(
        "Any split can be written into any good file, and only lines with traffic differ",
        arguments: Corpus.names(.good))
    func anySplit(_ file: String) throws {
        let text = try Corpus.text(.good, file)
        var generator = SeededGenerator(seed: 7)
        for loaded in Corpus.load(.good, file).endpoints {
            for _ in 0..<8 {
                let shares = Self.split(of: loaded.endpoint, &generator)
                let edited = try WriteBack.setTraffic(
                    in: text, endpoint: loaded.endpoint.name, shares: shares, environment: "test")
                let result = EndpointFiles.parse(text: edited, file: file, environment: "test")
                let after = try #require(result.endpoints.first { $0.endpoint.name == loaded.endpoint.name })
                let live = Dictionary(uniqueKeysWithValues: after.endpoint.spec.variants.map { ($0.name, $0.traffic) })
                #expect(live == shares)
                let pairs = zip(Self.lines(text), Self.lines(edited))
                #expect(Self.lines(text).count == Self.lines(edited).count)
                #expect(pairs.allSatisfy { $0 == $1 || $0.contains("traffic") })
                let back = try WriteBack.setTraffic(
                    in: edited, endpoint: loaded.endpoint.name,
                    shares: Dictionary(
                        uniqueKeysWithValues: loaded.endpoint.spec.variants.map { ($0.name, $0.traffic) }),
                    environment: "test")
                let restored = EndpointFiles.parse(text: back, file: file, environment: "test")
                let original = EndpointFiles.parse(text: text, file: file, environment: "test")
                #expect(restored.endpoints == original.endpoints)
            }
        }
    }

    private static func lines(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    /// Any shares for the variants of an endpoint.
    static func split(
        of endpoint: DeclaredEndpoint, _ generator: inout SeededGenerator
    ) -> [VariantName: Share] {
        let names = endpoint.spec.variants.map(\.name)
        let cuts = (0..<(names.count - 1)).map { _ in Int.random(in: 0...10_000, using: &generator) }.sorted()
        let edges = [0] + cuts + [10_000]
        var shares: [VariantName: Share] = [:]
        for (index, name) in names.enumerated() {
            shares[name] = Share(buckets: edges[index + 1] - edges[index])
        }
        return shares
    }
}
