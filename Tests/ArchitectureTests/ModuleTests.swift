import Foundation
import Testing

@Suite("Modules know only what the architecture's table allows")
struct ModuleTests {
    let table: ModuleTable
    let manifest: PackageManifest

    init() throws {
        table = ModuleTable(markdown: try Repository.text("docs/architecture.md"))
        manifest = PackageManifest(text: try Repository.text("Package.swift"))
    }

    @Test("The table, Package.swift and the folders of Sources name the same modules")
    func sameModules() throws {
        #expect(try Repository.sourceFolders() == Set(table.modules.keys))
        #expect(Set(manifest.targets.keys) == Set(table.modules.keys))
    }

    @Test("Package.swift draws exactly the table's arrows")
    func sameArrows() {
        for (name, module) in table.modules {
            #expect(manifest.targets[name] == module.modules, "\(name)")
        }
    }

    @Test("Every import is one that the table allows")
    func importsAreAllowed() throws {
        for name in table.modules.keys.sorted() {
            let module = try #require(table.modules[name])
            for (imported, files) in try imports(of: name) {
                if table.modules[imported] != nil {
                    #expect(module.modules.contains(imported), "\(name) imports \(imported) in \(files)")
                } else if !Self.system.contains(imported) {
                    #expect(module.outside.contains(imported), "\(name) imports \(imported) in \(files)")
                }
            }
        }
    }

    @Test("Every arrow of the table is used by an import")
    func arrowsAreUsed() throws {
        for (name, module) in table.modules {
            let imported = Set(try imports(of: name).keys)
            #expect(module.modules.union(module.outside).subtracting(imported).isEmpty, "\(name) imports less")
        }
    }

    @Test("Arrows point to lower floors only")
    func floors() throws {
        for (name, module) in table.modules {
            for lower in module.modules {
                let floor = try #require(table.modules[lower]?.floor, "\(name) names \(lower), which has no row")
                #expect(floor < module.floor, "\(name) is not above \(lower)")
            }
        }
    }

    @Test("The data plane and the pure modules never reach PostgreSQL", arguments: ["Proxy", "Splitting", "Planning"])
    func withoutPostgres(name: String) throws {
        try #require(table.modules[name] != nil)
        #expect(table.reach(of: name).isDisjoint(with: ["Postgres", "CLibPQ", "RegistryStore"]))
    }

    @Test("Use cases and reconciler do not know each other")
    func apart() throws {
        try #require(table.modules["ControlPlane"] != nil && table.modules["Reconciler"] != nil)
        #expect(!table.reach(of: "ControlPlane").contains("Reconciler"))
        #expect(!table.reach(of: "Reconciler").contains("ControlPlane"))
    }

    /// What comes with the toolchain and does no networking.
    static let system: Set<String> = [
        "Swift", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Dispatch",
    ]

    /// What a module imports, each with the files that do.
    private func imports(of module: String) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for file in try Repository.swiftFiles(below: "Sources/\(module)") {
            for line in ScannedSource(try Repository.text(file)).code.split(separator: "\n") {
                var words = line.split(separator: " ").filter { !Self.beforeImport.contains(String($0)) }
                guard words.first == "import", words.count >= 2 else { continue }
                words.removeFirst()
                if words.count >= 2, Self.kinds.contains(String(words[0])) { words.removeFirst() }
                let name = words[0].split(separator: ".")[0]
                found[String(name), default: []].append(file)
            }
        }
        return found
    }

    private static let beforeImport: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "@testable", "@preconcurrency", "@_exported",
    ]
    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
}
