/// The table of modules in `docs/architecture.md`, which is the rule: the tests hold the code against it.
struct ModuleTable {
    struct Module {
        var floor: Int
        /// The modules of this package that it may import.
        var modules: Set<String>
        /// What it may import of other packages and of Foundation's networking; the rest of the system is free.
        var outside: Set<String>
    }

    private(set) var modules: [String: Module] = [:]

    /// Reads every row `| floor | `Name` | job | modules | outside |`; names stand in backquotes, `–` says none.
    init(markdown: String) {
        for line in markdown.split(separator: "\n") {
            let cells = line.split(separator: "|").map { String($0) }
            guard cells.count == 5, let name = Self.names(in: cells[1]).first,
                let floor = Int(cells[0].filter { !$0.isWhitespace })
            else { continue }
            modules[name] = Module(
                floor: floor, modules: Set(Self.names(in: cells[3])), outside: Set(Self.names(in: cells[4])))
        }
    }

    /// Everything that a module reaches, directly or through others.
    func reach(of name: String) -> Set<String> {
        var found: Set<String> = []
        var open = [name]
        while let next = open.popLast() {
            for module in modules[next]?.modules ?? [] where found.insert(module).inserted { open.append(module) }
        }
        return found
    }

    private static func names(in cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset.isMultiple(of: 2) ? nil : String($0.element) }
    }
}
