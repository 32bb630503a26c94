internal import SoakHistory

extension RunRecord {
    func explanations() -> Finding {
        var finding = Finding(16, "explain says of any moment what the proxies answered in it")
        for answer in history.explained {
            let score = answer.score
            let given =
                score.status == 404
                ? nil : ExplainedAnswer.Owner(variant: score.variant ?? "-", version: score.version ?? "-")
            finding.expect(
                given == answer.owner,
                "\(score.key) of \(score.endpoint) was answered by \(Self.words(given)) of generation "
                    + "\(score.generation ?? 0); explain says of \(answer.moment) (\(answer.basis)) "
                    + Self.words(answer.owner))
        }
        return finding
    }

    private static func words(_ owner: ExplainedAnswer.Owner?) -> String {
        owner.map { "\($0.variant) \($0.version)" } ?? "nobody"
    }
}
