import Planning
import Resources
import Testing

@Suite struct PlanMarkdownTests {
    private typealias Fixture = PlanningFixture

    private static func change(
        _ name: String, _ action: EndpointChange.Action, after: [Int] = [10_000], held: Hold? = nil
    ) -> EndpointChange {
        let summaries = { (shares: [Int]) in
            shares.enumerated().map { index, share in
                VariantSummary(
                    name: Fixture.names[index],
                    model: .version(VersionReference(model: ModelName(unchecked: "fraud"), version: index + 1)),
                    traffic: Share(buckets: share) ?? .zero)
            }
        }
        return EndpointChange(
            endpoint: EndpointName(unchecked: name), action: action, fromRevision: action == .create ? nil : 3,
            toRevision: action == .adopt ? nil : 4, before: action == .create ? [] : summaries([9000, 1000]),
            after: summaries(after),
            moves: action == .update
                ? [Move(from: Fixture.names[0], to: Fixture.names[1], share: Share(buckets: 1000) ?? .zero)] : [],
            fields: action == .update ? [FieldChange(path: "spec.timeout", before: "1s", after: "250ms")] : [],
            held: held, warnings: [])
    }

    @Test("A plan's Markdown reads: what changes in a table, drift, what --prune would remove, and the details")
    func comment() {
        let hold = Hold(
            by: "alice", reason: "errors | doubled", since: Fixture.now, until: nil, kind: .promote)
        let plan = Plan(
            baseRelease: 7, registry: "here",
            changes: [
                Self.change("new", .create), Self.change("fraud", .update, after: [8000, 2000]),
                Self.change("held", .hold, held: hold), Self.change("gone", .remove, after: []),
                Self.change("same", .unchanged, after: [9000, 1000]),
            ], orphans: [EndpointName(unchecked: "old")],
            drift: [Drift(endpoint: EndpointName(unchecked: "held"), reason: .hold, message: "held by @alice: b 100 %")]
        )
        #expect(
            plan.markdown() == """
                ### Turnout plan

                Against release 7: 1 to create, 1 to update, 1 to wait for a hold, 1 to remove, 1 unchanged.

                | endpoint | what | split | keys that move |
                |---|---|---|---|
                | `new` | **create**, revision 4 | a  fraud/1  100 % |  |
                | `fraud` | **update**, revision 3 → 4 | a  fraud/1  90 % → 80 %<br>b  fraud/2  10 % → 20 % | 10.00 % a → b |
                | `held` | **wait for a hold**, revision 3 stays live<br>held by alice, "errors \\| doubled", since \
                2026-11-01T10:00:00Z | a  fraud/1         90 % → 100 %<br>b  fraud/2 → gone  10 % → gone |  |
                | `gone` | **remove**, revision 3 → 4 | a  fraud/1 → gone  90 % → gone<br>b  fraud/2 → gone  10 % → gone |  |

                **Live now differs from what git said last:**
                - `held`: held by @\u{2060}alice: b 100 %

                **No longer in these files, and would be removed with `--prune`:**
                - `old`

                <details><summary>Details</summary>

                ```text
                + new  new, revision 4
                    a  fraud/1  100 %

                ~ fraud  revision 3 → 4
                    a  fraud/1  90 % → 80 %
                    b  fraud/2  10 % → 20 %
                    10.00 % of keys move a → b; 90.00 % stay
                    spec.timeout: 1s → 250ms

                … held  revision 4 recorded; 3 stays live
                    a  fraud/1         90 % → 100 %
                    b  fraud/2 → gone  10 % → gone
                    nobody moves
                    waits for the hold of alice, "errors | doubled", since 2026-11-01T10:00:00Z

                - gone  removed, revision 3 → 4
                    a  fraud/1 → gone  90 % → gone
                    b  fraud/2 → gone  10 % → gone
                    requests for it are answered 404
                ```

                </details>
                """)
    }

    @Test("What people wrote can neither format, mention, end a cell nor end the fence of the details")
    func hostile() {
        let reason = "</details> | **x** @everyone ```\n# big"
        let hold = Hold(by: "mallory", reason: reason, since: Fixture.now, until: nil, kind: .promote)
        let text = Plan(
            baseRelease: 1, registry: "here", changes: [Self.change("fraud", .hold, held: hold)]
        ).markdown()
        let row = text.split(separator: "\n").first { $0.hasPrefix("| `fraud`") }
        let shown = "&lt;/details&gt; \\| \\*\\*x\\*\\* @\u{2060}everyone \\`\\`\\` \\# big"
        #expect(row?.contains(shown) == true)
        #expect(text.contains("\n````text\n"))
        #expect(text.hasSuffix("\n````\n\n</details>"))
    }

    @Test("A plan of thousands of endpoints still fits into a comment, and says how much it left out")
    func large() {
        let changes = (0..<5000).map { Self.change("endpoint-\($0)", .update, after: [8000, 2000]) }
        let text = Plan(
            baseRelease: 1, registry: "here", changes: changes, orphans: changes.map(\.endpoint)
        ).markdown()
        #expect(text.unicodeScalars.count < 65_000)
        #expect(text.contains("more: `turnout plan` shows them."))
    }

    @Test("A plan reads: a removal, a hand-over, drift and what --prune would remove")
    func text() {
        var adopted = Self.change("moved", .adopt, after: [9000, 1000])
        adopted.fields = [FieldChange(path: "source", before: "here//a", after: "here//b")]
        let plan = Plan(
            baseRelease: 7, registry: "here", changes: [Self.change("gone", .remove, after: []), adopted],
            orphans: [EndpointName(unchecked: "old")],
            drift: [Drift(endpoint: EndpointName(unchecked: "moved"), reason: .unhealthy, message: "b is down")])
        #expect(
            plan.text == """
                - gone  removed, revision 3 → 4
                    a  fraud/1 → gone  90 % → gone
                    b  fraud/2 → gone  10 % → gone
                    requests for it are answered 404

                > moved  revision 3 stays; its source changes
                    source: here//a → here//b

                Live now differs from what git said last:
                    moved: b is down

                No longer in these files, and would be removed with --prune:
                    old

                Against release 7: 1 to take over, 1 to remove.
                """)
    }
}
