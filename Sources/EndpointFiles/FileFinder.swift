import Foundation

/// Finds endpoint files and reads their text, refusing what is too large or not UTF-8 before anything looks at it.
enum FileFinder {
    /// Why a file gives no text.
    struct Fault: Error {
        let diagnostic: Diagnostic

        init(
            _ code: DiagnosticCode, file: String, at position: Position = .start, _ message: String,
            expected: String? = nil, help: String? = nil, excerpt: String = ""
        ) {
            diagnostic = Diagnostic(
                file: file, line: position.line, column: position.column, severity: .error, code: code,
                message: message, expected: expected, suggestion: help, excerpt: excerpt)
        }
    }

    /// The files in the order of their paths' bytes, and what could not be looked into.
    static func files(at path: String) -> (files: [String], faults: [Diagnostic]) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return ([], [Fault(.unreadable, file: path, "there is no such file or directory").diagnostic])
        }
        guard isDirectory.boolValue else { return ([path], []) }
        var files: [String] = []
        var faults: [Diagnostic] = []
        walk(path, into: &files, &faults)
        if files.isEmpty, faults.isEmpty {
            faults = [
                Fault(
                    .noFiles, file: path, "there are no endpoint files here",
                    expected: "at least one file that ends in .yaml or .yml"
                ).diagnostic
            ]
        }
        return (files.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }, faults)
    }

    /// As `files`, of what may not be there.
    static func filesIfDirectory(at path: String) -> [String] {
        kind(of: path) == .typeDirectory ? files(at: path).files : []
    }

    private static func walk(_ directory: String, into files: inout [String], _ faults: inout [Diagnostic]) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            faults.append(Fault(.unreadable, file: directory, "this directory can't be read").diagnostic)
            return
        }
        for name in names where !name.hasPrefix(".") {
            let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
            switch kind(of: path) {
            case .typeDirectory?: walk(path, into: &files, &faults)
            case .typeRegular?, .typeSymbolicLink?:
                if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { files.append(path) }
            default: break
            }
        }
    }

    /// Of the path itself, not of what a link points to, so that links can't lead in circles.
    private static func kind(of path: String) -> FileAttributeType? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    }

    static func text(of file: String) -> Result<String, Fault> {
        let target = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
        guard kind(of: target) == .typeRegular else {
            return .failure(Fault(.unreadable, file: file, "this is not a regular file"))
        }
        guard let handle = FileHandle(forReadingAtPath: target) else {
            return .failure(Fault(.unreadable, file: file, "this file can't be read"))
        }
        defer { try? handle.close() }
        do {
            let data = try handle.read(upToCount: FileLimits.bytes + 1) ?? Data()
            return text(ofBytes: Array(data), file: file)
        } catch {
            return .failure(Fault(.unreadable, file: file, "this file can't be read"))
        }
    }

    /// - Parameter bytes: Of a file; one more than the limit where there are more.
    static func text(ofBytes bytes: [UInt8], file: String) -> Result<String, Fault> {
        guard bytes.count <= FileLimits.bytes else {
            return .failure(
                Fault(
                    .fileTooLarge, file: file, "this file is larger than 1 MiB", expected: "at most 1 MiB a file",
                    help: "split it into several files"))
        }
        // A byte order mark would shift the first line's columns.
        let content = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
        if let text = String(validating: content, as: UTF8.self) { return .success(text) }
        return .failure(invalidUTF8(content, file: file, skipped: bytes.count - content.count))
    }

    private static func invalidUTF8(_ bytes: ArraySlice<UInt8>, file: String, skipped: Int) -> Fault {
        let offset = validPrefix(of: bytes)
        let valid = String(decoding: bytes.prefix(offset), as: UTF8.self)
        let source = SourceText(file: file, text: valid)
        let position = source.position(ofByte: offset)
        let byte = String(bytes[bytes.startIndex + offset], radix: 16)
        let isUTF16 = skipped == 0 && (bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]))
        return Fault(
            .invalidUTF8, file: file, at: position,
            "not UTF-8: the byte 0x\(byte) at offset \(offset + skipped) belongs to no character",
            expected: "a file in UTF-8", help: isUTF16 ? "the file is UTF-16; save it as UTF-8" : nil,
            excerpt: isUTF16 ? "" : source.excerpt(at: position))
    }

    /// How many bytes come before the first that is not UTF-8.
    private static func validPrefix(of bytes: ArraySlice<UInt8>) -> Int {
        var offset = 0
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset
    }
}
