import Resources

/// Which files of a directory belong to which environment: `environments/NAME.yaml`, and all below `environments/NAME/`.
struct EnvironmentFinder {
    /// Files that hold for every environment.
    private(set) var shared: [String] = []
    private(set) var environments: [String: [String]] = [:]

    var names: [String] { environments.keys.sorted() }

    /// - Parameters:
    ///   - files: As found below `path`.
    ///   - path: The directory, or the one file, whose environments are then looked for beside it.
    init(files: [String], below path: String) {
        guard files != [path] else {
            shared = files
            let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            let folder = directory + Self.folder
            for file in FileFinder.filesIfDirectory(at: folder) { add(file, below: folder + "/") }
            return
        }
        let folder = (path.hasSuffix("/") ? path : path + "/") + Self.folder + "/"
        for file in files {
            if file.hasPrefix(folder) { add(file, below: folder) } else { shared.append(file) }
        }
    }

    static let folder = "environments"

    private mutating func add(_ file: String, below folder: String) {
        let rest = file.dropFirst(folder.count)
        var name = rest.prefix { $0 != "/" }
        if name.count == rest.count {
            for suffix in [".yaml", ".yml"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
        }
        environments[String(name), default: []].append(file)
    }
}

extension EnvironmentFinder {
    /// A directory with environments is never read without one of them: the endpoints as their own files have them are
    /// most likely not what is meant.
    func fault(_ environment: String?, at path: String) -> Diagnostic? {
        guard !environments.isEmpty else { return nil }
        let expected = alternatives(names.map { "--env \($0)" })
        guard let environment else {
            return FileFinder.Fault(
                .noEnvironment, file: path, "there are environments here, and none is named", expected: expected
            ).diagnostic
        }
        guard environments[environment] == nil else { return nil }
        return FileFinder.Fault(
            .unknownEnvironment, file: path, "there is no environment \(quoted(environment))", expected: expected,
            help: NearMiss.suggestion(for: environment, among: names).map { "did you mean '\($0)'?" }
                ?? "an empty file \(Self.folder)/\(environment).yaml makes one without changes"
        ).diagnostic
    }
}
