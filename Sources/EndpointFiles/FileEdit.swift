import Foundation
package import Resources

/// A file as it is, and as it shall be.
package struct FileEdit: Sendable, Hashable {
    package struct Line: Sendable, Hashable, Codable {
        package let file: String
        /// From 1.
        package let line: Int
        package let variant: VariantName
        /// As written, without quotes.
        package let before: String
        package let after: String
    }

    package let file: String
    /// Those that change, from the first.
    package let lines: [Line]
    private let before: String
    let after: String

    /// - Throws: `conflict` where a share is not written as a plain number.
    init(
        file: String, text: SourceText, spots: [VariantName: YAMLNode], _ wanted: [VariantName: Share]
    ) throws(TurnoutError) {
        var edits: [(range: Range<String.Index>, line: Line)] = []
        for (variant, traffic) in spots {
            guard let share = wanted[variant] else { continue }
            let position = traffic.position
            guard let range = Self.number(traffic, in: text) else {
                throw TurnoutError(
                    .conflict,
                    "The traffic of '\(variant)' in \(file), line \(position.line), is not a plain number, or has an "
                        + "anchor or alias.")
            }
            let old = String(text.text[range])
            let line = Line(
                file: file, line: position.line, variant: variant, before: old,
                after: share.description + (old.hasSuffix("%") ? "%" : ""))
            edits.append((range, line))
        }
        edits.sort { $0.range.lowerBound < $1.range.lowerBound }
        var after = text.text
        for edit in edits.reversed() { after.replaceSubrange(edit.range, with: edit.line.after) }
        self.file = file
        lines = edits.map(\.line)
        before = text.text
        self.after = after
    }

    /// The digits and the per cent sign that stand there, without quotes; `nil` where something else is written.
    private static func number(_ traffic: YAMLNode, in text: SourceText) -> Range<String.Index>? {
        let line = text.rest(at: traffic.position)
        let quote = line.first.flatMap { $0 == "\"" || $0 == "'" ? $0 : nil }
        let content = quote == nil ? line : line.dropFirst()
        let digits = content.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "%" }
        let isWhole =
            traffic.text == String(digits) && (quote == nil || content.dropFirst(digits.count).first == quote)
        guard isWhole, !digits.isEmpty else { return nil }
        return digits.startIndex..<digits.endIndex
    }

    /// Writes the file, with its permissions and byte order mark as they were; through a link, what the link points to.
    ///
    /// - Throws: `conflict` if the file is no longer what was read, `internal` if it can't be written.
    package func write() throws(TurnoutError) {
        let target = URL(fileURLWithPath: file).resolvingSymlinksInPath()
        guard let data = try? Data(contentsOf: target) else { throw TurnoutError(.conflict, "\(file) can't be read.") }
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let isMarked = data.starts(with: mark)
        guard data.dropFirst(isMarked ? mark.count : 0).elementsEqual(before.utf8) else {
            throw TurnoutError(.conflict, "\(file) was changed by someone else just now.")
        }
        let mode = (try? FileManager.default.attributesOfItem(atPath: target.path))?[.posixPermissions]
        do {
            try Data((isMarked ? mark : []) + Array(after.utf8)).write(to: target, options: .atomic)
            if let mode { try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: target.path) }
        } catch {
            throw TurnoutError(.conflict, "\(file) can't be written: \(error.localizedDescription)")
        }
    }
}
