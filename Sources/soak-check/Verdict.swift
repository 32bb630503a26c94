import SoakChecks

/// What the checks found, for people.
struct Verdict {
    /// Violations shown of each invariant; the rest is only counted.
    private static let shown = 5
    /// Characters of a violation, which may hold whole answers; the history has the rest.
    private static let longest = 400

    let text: String
    let isGood: Bool

    init(_ record: RunRecord) {
        let findings = record.findings()
        let sometimes = record.sometimes()
        var lines = ["invariants"]
        for finding in findings {
            let verdict = finding.violations.isEmpty ? "ok  " : "FAIL"
            lines.append(
                "  \(verdict) \(Self.pad(finding.number, 2))  \(finding.invariant): \(finding.checked) checked"
                    + (finding.violations.isEmpty ? "" : ", \(finding.violations.count) broken"))
            lines += finding.violations.prefix(Self.shown).map { "             \($0.prefix(Self.longest))" }
        }
        lines.append("must have happened")
        for expected in sometimes {
            lines.append(
                "  \(expected.holds ? "ok  " : "FAIL") \(expected.what): \(expected.count)"
                    + (expected.holds ? "" : ", expected at least \(expected.least)"))
        }
        let broken = findings.count { !$0.violations.isEmpty }
        let missing = sometimes.count { !$0.holds }
        isGood = broken == 0 && missing == 0
        lines.append(
            isGood
                ? "All \(findings.count) invariants hold."
                : "\(broken) of \(findings.count) invariants are broken; \(missing) things did not happen.")
        text = lines.joined(separator: "\n")
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: " ", count: max(0, width - digits.count)) + digits
    }
}
