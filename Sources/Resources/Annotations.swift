/// A change of what people may write on a model or a version after it was made.
package struct Annotations: Sendable, Hashable, Codable {
    /// Absent: as it is.
    package var description: String?
    package var setTags: [String: String]?
    package var removeTags: [String]?

    package init(description: String? = nil, setTags: [String: String]? = nil, removeTags: [String]? = nil) {
        self.description = description
        self.setTags = setTags
        self.removeTags = removeTags
    }
}
