import ArgumentParser
import Foundation
import Resources

struct EndpointArgument: ExpressibleByArgument {
    let name: EndpointName

    init?(argument: String) {
        guard let name = EndpointName(rawValue: argument) else { return nil }
        self.name = name
    }
}

struct VariantArgument: ExpressibleByArgument {
    let name: VariantName

    init?(argument: String) {
        guard let name = VariantName(rawValue: argument) else { return nil }
        self.name = name
    }
}

/// A percentage: `10`, `0.01`, `12.5%`.
extension Share: ExpressibleByArgument {
    package init?(argument: String) { self.init(parsing: argument) }
}

extension Timestamp: ExpressibleByArgument {
    package init?(argument: String) { self.init(parsing: argument) }
}
