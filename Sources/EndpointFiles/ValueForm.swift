import Resources

/// What the value of a key looks like, for the JSON Schema. The parser's own reading of each is in `DocumentDecoder`.
indirect enum ValueForm: Sendable {
    /// One of a few words.
    case words([String])
    case endpointName
    /// Of a variant that is declared here.
    case variantName
    /// Of a variant, or a word in its place.
    case variantReference
    case text(maxBytes: Int)
    case host
    /// A header's or a cookie's name.
    case token
    case queryName
    case interval
    case integer(ClosedRange<Int>)
    case share
    case shareOrRest
    case path
    case version
    case backend
    /// One header with its value.
    case header
    case mapping(Table)
    case variants
    case list(ValueForm, least: Int = 0, most: Int, isUnique: Bool = false)

    /// Which mapping, by name, since tables refer to one another.
    enum Table: String, Sendable {
        case metadata
        case spec
        case routingKey
        case retry
        case limits
        case health
        case override
        case when
    }
}

extension ValueForm {
    /// The pattern that a text of this form has; `nil` where it is no text.
    ///
    /// Patterns say what they can: that a length of time is in range, say, they don't.
    var pattern: String? {
        let placeholder = #"\{(?:model|version|variant|env)\}"#
        let model = ModelPattern.text
        switch self {
        case .words(let words): return "^(?:\(words.map { $0.replacing(".", with: "\\.") }.joined(separator: "|")))$"
        case .endpointName:
            let reserved = EndpointName.reserved.sorted().joined(separator: "|")
            return "^(?!(?:\(reserved))$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
        case .variantName:
            let reserved = VariantName.reserved.sorted().joined(separator: "|")
            return "^(?!(?:\(reserved))$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
        case .variantReference: return "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
        case .text: return #"^[^\u0000-\u001f\u007f-\u009f]+$"#
        case .host:
            let label = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
            return #"^(?:\*|(?=.{1,253}$)"# + label + #"(?:\."# + label + ")*)$"
        case .token: return "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,255}$"
        case .queryName: return #"^[^\u0000-\u001f\u007f-\u009f&=#+% ]{1,255}$"#
        case .interval: return "^(?=.)(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?$"
        case .integer(let range): return "^(?:\(Self.wholeNumber(range)))$"
        case .share: return "^(?:\(Self.percentage))$"
        case .shareOrRest: return "^(?:rest|\(Self.percentage))$"
        case .path: return #"^/[!"$-~]{0,1023}$"#
        case .version:
            let alias = "(?![lL][aA][tT][eE][sS][tT]$|[vV][0-9]+$)[A-Za-z0-9_-]{1,255}"
            return "^(?:models:/)?\(model)(?:/[1-9][0-9]{0,18}|@\(alias))$"
        case .backend:
            return #"^http://(?:\[[0-9A-Fa-f:]{2,39}\]|(?:[A-Za-z0-9._-]|"# + placeholder + ")+)(?::(?:[0-9]|"
                + placeholder + ")+)?/?$"
        case .header, .mapping, .variants, .list: return nil
        }
    }

    private static func wholeNumber(_ range: ClosedRange<Int>) -> String {
        let digits = String(range.upperBound)
        // Too many to list.
        if range.lowerBound == 1, range.count > 100, digits.dropFirst().allSatisfy({ $0 == "0" }), digits.first == "1" {
            return "[1-9][0-9]{0,\(digits.count - 2)}|\(digits)"
        }
        return range.map(String.init).joined(separator: "|")
    }

    private static let percentage = #"(?:(?:[1-9]?[0-9])(?:\.[0-9]{1,2}0{0,18})?|100(?:\.0{1,20})?)%?"#

    private enum ModelPattern {
        /// Unicode's white space, spelt out since engines disagree on `\s`.
        static let space = #"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"#
        static let other = #"/:@\u0000-\u001f\u007f"#
        static let text = "[^\(other)\(space)](?:[^\(other)]{0,253}[^\(other)\(space)])?"
    }
}
