import EndpointFiles
import Resources

/// What the files say after an environment's overlay, field by field, and where each field is from.
struct FieldOrigins {
    let fields: [FieldOrigin]
    private let title: String

    /// - Parameter all: Every field of every endpoint; otherwise what overlays say of endpoints that the plan changes.
    init(_ plan: Plan, _ loaded: LoadResult, all: Bool) {
        let pending = Set(plan.changes.filter { $0.action != .unchanged }.map(\.endpoint))
        self.init(loaded, all: all) { pending.contains($0) }
    }

    /// - Parameter isShown: Which endpoints, where not all are.
    init(_ loaded: LoadResult, all: Bool, isShown: (EndpointName) -> Bool = { _ in true }) {
        fields = loaded.endpoints.map(\.endpoint.name).filter { all || (isShown($0) && loaded.isOverlaid($0)) }
            .flatMap { loaded.origins(of: $0) }.filter { all || $0.isOverlaid }
        let environment = loaded.environment.map { " for \($0)" } ?? ""
        title = all ? "The files\(environment):" : "Overlaid\(environment):"
    }

    /// A table of the fields; `nil` where there are none.
    var text: String? {
        guard !fields.isEmpty else { return nil }
        let table = TextTable(
            [.left("endpoint"), .left("field"), .left("value"), .left("from"), .left("instead of")],
            rows: fields.map { field in
                [
                    StyledText(field.endpoint.rawValue, .bold), StyledText(field.field),
                    StyledText(field.value ?? "(removed)", field.isOverlaid ? .warning : .plain),
                    StyledText("\(field.file):\(field.line)", .dim),
                    StyledText(field.replaced.map { "\($0.value) (\($0.file):\($0.line))" } ?? "", .dim),
                ]
            })
        return title + "\n" + table.text(color: CommandEnvironment.current.usesColor)
    }
}
