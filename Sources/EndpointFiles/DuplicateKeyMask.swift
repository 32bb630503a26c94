/// Makes repeated keys unique in a copy of a text, so that one repeated key doesn't hide the file's other faults.
///
/// The parser throws at the first repeated key, and can't go on. The key's first character is replaced by one from a
/// private-use area, the text parsed again, and the key restored in the tree.
struct DuplicateKeyMask {
    private var originals: [Position: Unicode.Scalar] = [:]

    /// - Returns: The text with the key masked; `nil` where the key is not a plain or simply quoted word.
    mutating func masking(keyAt position: Position, in source: SourceText) -> String? {
        guard let first = source.rest(at: position).first else { return nil }
        let spot = first == "\"" || first == "'" ? position.advanced(columns: 1) : position
        guard let index = source.index(of: spot), let scalar = source.rest(at: spot).first,
            !"\\\"'&*!?[]{},|>".unicodeScalars.contains(scalar), originals[position] == nil,
            let mask = Unicode.Scalar(0xf_0000 + UInt32(originals.count))
        else { return nil }
        originals[position] = scalar
        var scalars = source.text.unicodeScalars
        scalars.replaceSubrange(index...index, with: CollectionOfOne(mask))
        return String(scalars)
    }

    /// The text as it stands in the file.
    func unmasked(_ text: String, at position: Position) -> String {
        guard let original = originals[position], let first = text.unicodeScalars.first,
            (0xf_0000...0xf_ffff).contains(first.value)
        else { return text }
        return String(original) + String(text.unicodeScalars.dropFirst())
    }
}
