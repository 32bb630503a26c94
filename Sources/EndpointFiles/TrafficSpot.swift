import Resources

/// Where a variant's traffic stands in a text.
struct TrafficSpot {
    let position: Position
    let isRest: Bool
    /// The digits and the per cent sign, without quotes; `nil` where something else is written there.
    let range: Range<String.Index>?
    let hasPercentSign: Bool

    /// The spots of one endpoint's variants, in a text that was parsed without a fault.
    static func find(in source: SourceText, endpoint: EndpointName) -> [VariantName: TrafficSpot] {
        var spots: [VariantName: TrafficSpot] = [:]
        for document in YAMLReader.read(source).documents {
            guard document.value("metadata")?.value("name")?.text == endpoint.rawValue,
                case .sequence(let variants)? = document.value("spec")?.value("variants")?.content
            else { continue }
            for variant in variants {
                guard let name = variant.value("name")?.text, let name = VariantName(rawValue: name),
                    let traffic = variant.value("traffic"), let text = traffic.text
                else { continue }
                spots[name] = TrafficSpot(text, at: traffic.position, in: source)
            }
        }
        return spots
    }

    private init(_ text: String, at position: Position, in source: SourceText) {
        self.position = position
        isRest = text == "rest"
        hasPercentSign = text.hasSuffix("%")
        let line = source.rest(at: position)
        let quote = line.first.flatMap { $0 == "\"" || $0 == "'" ? $0 : nil }
        let content = quote == nil ? line : line.dropFirst()
        let digits = content.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "%" }
        let isWhole = String(digits) == text && (quote == nil || content.dropFirst(digits.count).first == quote)
        range = isWhole && !digits.isEmpty ? digits.startIndex..<digits.endIndex : nil
    }
}
