package import Resources
internal import Splitting

extension Explanation {
    /// Who serves the key under this revision.
    ///
    /// - Throws: `internal` when the revision's ranges don't cover the key's bucket, which the store rules out.
    package init(key: String, revision: Revision, at: Timestamp) throws(TurnoutError) {
        let bucket = Bucket.of(key: key, salt: revision.content.salt)
        let owner = revision.ranges.first { $0.value.contains { $0.contains(bucket) } }?.key
        guard let variant = revision.content.spec.variants.first(where: { $0.name == owner }),
            case .version(let version) = variant.model
        else {
            throw TurnoutError(
                .internal, "Revision \(revision.number) of '\(revision.endpoint)' can't be read.",
                context: "no resolved variant owns bucket \(bucket)")
        }
        self.init(
            endpoint: revision.endpoint, key: key, bucket: bucket, variant: variant.name, model: version.model,
            version: version.version, revision: revision.number, release: revision.release, commit: revision.commit,
            actor: revision.actor, at: at)
    }
}
