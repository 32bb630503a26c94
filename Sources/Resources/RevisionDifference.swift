/// What lies between two revisions of an endpoint.
package struct RevisionDifference: Sendable, Hashable, Codable {
    package var endpoint: EndpointName
    package var from: Int
    package var to: Int
    package var before: [VariantSummary]
    package var after: [VariantSummary]
    package var fields: [FieldChange]
    package var moves: [Move]

    package init(
        endpoint: EndpointName, from: Int, to: Int, before: [VariantSummary], after: [VariantSummary],
        fields: [FieldChange], moves: [Move]
    ) {
        self.endpoint = endpoint
        self.from = from
        self.to = to
        self.before = before
        self.after = after
        self.fields = fields
        self.moves = moves
    }
}
