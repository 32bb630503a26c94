package import Resources

/// A path below `/api/v1` with its query, built from parts that are escaped here and nowhere else.
///
/// `APIPath("models", name.rawValue, "versions").query("limit", "10")`
package struct APIPath: Sendable, Hashable, CustomStringConvertible {
    /// What every route of the control API starts with.
    package static let prefix = "/api/v1"

    private var segments: [String]
    private var parameters: [String] = []

    package init(_ segments: String...) { self.segments = segments.map(Self.escape) }

    /// The path with one query parameter more; `nil` leaves it as it is.
    package func query(_ name: String, _ value: String?) -> APIPath {
        guard let value else { return self }
        var path = self
        path.parameters.append("\(Self.escape(name))=\(Self.escape(value))")
        return path
    }

    package func page(_ page: PageRequest) -> APIPath {
        query("limit", String(page.limit)).query("cursor", page.cursor)
    }

    package var description: String {
        let path = ([Self.prefix] + segments).joined(separator: "/")
        return parameters.isEmpty ? path : path + "?" + parameters.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters becomes `%XX`, so that a name can never become a second
    /// segment.
    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var escaped = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isAlphanumeric =
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isAlphanumeric || "-._~".unicodeScalars.contains(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return escaped
    }
}
