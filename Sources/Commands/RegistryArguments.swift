import ArgumentParser
import Resources

/// The registry's names as arguments: a wrong one is told as the parser tells wrong arguments.
struct ModelArgument: ExpressibleByArgument {
    let name: ModelName

    init?(argument: String) {
        guard let name = ModelName(rawValue: argument) else { return nil }
        self.name = name
    }
}

/// `fraud/12` or `models:/fraud/12`.
struct VersionArgument: ExpressibleByArgument {
    let reference: VersionReference

    init?(argument: String) {
        guard case .version(let reference)? = try? VersionSelector(parsing: argument) else { return nil }
        self.reference = reference
    }
}

/// `fraud@champion`
struct AliasArgument: ExpressibleByArgument {
    let model: ModelName
    let alias: AliasName

    init?(argument: String) {
        guard case .alias(let model, let alias)? = try? VersionSelector(parsing: argument) else { return nil }
        self.model = model
        self.alias = alias
    }
}

extension Role: ExpressibleByArgument {}

extension Interval: ExpressibleByArgument {
    package init?(argument: String) { self.init(parsing: argument) }
}
