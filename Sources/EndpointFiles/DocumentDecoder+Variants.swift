import Resources

extension DocumentDecoder {
    struct Arms {
        /// The names to refer to; `nil` where one couldn't be read.
        var names: [VariantName]?
        /// `nil` where any has a fault.
        var variants: [DeclaredVariant]?
    }

    private enum Traffic {
        case share(Share)
        case rest
    }

    private struct Arm {
        var name: Located<VariantName>?
        var model: VersionSelector?
        var traffic: Located<Traffic>?
        var backends: [Located<BackendTemplate>]?
    }

    /// - Parameter shared: The spec's own backends: absent, or empty where they have faults.
    mutating func variants(_ node: YAMLNode, shared: [Located<BackendTemplate>]?, keyPosition: Position?) -> Arms {
        guard
            let nodes = list(
                node, key: "variants", of: "{ name, model, traffic, backends }", limit: EndpointSpec.listLimit)
        else { return Arms() }
        guard !nodes.isEmpty else {
            log.error(
                .emptyList, at: node.position, "'variants' lists nothing", expected: "at least one variant",
                help: "{ name: champion, model: MODEL/NUMBER, traffic: 100 }")
            return Arms()
        }
        var arms: [Arm] = []
        for node in nodes { arms.append(arm(node, shared: shared)) }
        let areUnique = checkNames(arms)
        var failed: Set<Position> = []
        for arm in arms {
            if let name = arm.name?.value, case .version(let version)? = arm.model, let templates = arm.backends {
                checkBackends(templates, of: name, version, failed: &failed)
            }
        }
        let shares = shares(arms, at: keyPosition ?? node.position)
        let names = arms.compactMap(\.name?.value)
        let result = Arms(names: names.count == arms.count ? names : nil)
        guard areUnique, let shares else { return result }
        let variants = zip(arms, shares).compactMap { arm, share -> DeclaredVariant? in
            guard let name = arm.name?.value, let model = arm.model, let backends = arm.backends else { return nil }
            return DeclaredVariant(name: name, model: model, traffic: share, backends: backends.map(\.value))
        }
        guard variants.count == arms.count else { return result }
        warnOfSharedBackends(arms)
        return Arms(names: result.names, variants: variants)
    }

    /// A scorer answers for one version: two versions behind the same addresses are usually a forgotten `{version}`.
    private mutating func warnOfSharedBackends(_ arms: [Arm]) {
        var seen: [Set<String>: (name: VariantName, model: VersionSelector)] = [:]
        for arm in arms {
            guard let name = arm.name, let model = arm.model, let templates = arm.backends?.map(\.value),
                templates.allSatisfy({ $0.placeholders.isSubset(of: [.env]) })
            else { continue }
            let addresses = Set(templates.map(\.text))
            guard let first = seen[addresses] else {
                seen[addresses] = (name.value, model)
                continue
            }
            guard first.model != model else { continue }
            log.warning(
                .sharedBackends, at: name.position,
                "variant '\(name.value)' has the backends of '\(first.name)', but another version",
                help: "a scorer answers for one version; {version} in the address tells them apart")
        }
    }

    private mutating func arm(_ node: YAMLNode, shared: [Located<BackendTemplate>]?) -> Arm {
        var arm = Arm()
        guard let section = section(node, .variant) else { return arm }
        arm.name = section["name"].flatMap { name(VariantName.self, $0, key: "name") }
        if let name = arm.name, VariantName.reserved.contains(name.value.rawValue) {
            log.error(
                .invalidValue, at: name.position, "'\(name.value)' is reserved and can't name a variant",
                expected: "a name other than \(alternatives(VariantName.reserved.sorted()))")
            arm.name = nil
        }
        arm.model = section["model"].flatMap { model($0) }
        arm.traffic = section["traffic"].flatMap { traffic($0) }
        if section.keyPositions["backends"] != nil {
            arm.backends = section["backends"].map { templates($0, key: "backends") }
        } else if let shared {
            arm.backends = shared
        } else {
            let misspelt = section.keyPositions.keys.contains { key in
                !KeyTable.variant.keys.contains(key)
                    && NearMiss.suggestion(for: key, among: KeyTable.variant.keys) == "backends"
            }
            if !misspelt {
                log.error(
                    .missingKey, at: section.position, "this variant has no 'backends', and neither has spec",
                    expected: "backends: [\"http://HOST:PORT\"] here, or in spec for every variant that names none")
            }
        }
        return arm
    }

    private mutating func model(_ node: YAMLNode) -> VersionSelector? {
        let expected = "MODEL/NUMBER such as fraud/12, or MODEL@ALIAS such as fraud@champion"
        guard let text = plainText(node, key: "model", expected: expected) else { return nil }
        do {
            return try VersionSelector(parsing: text)
        } catch {
            let isName = !text.contains("/") && !text.contains("@") && ModelName.isValid(text) && text.utf8.count < 60
            let isNumber = Int(text) != nil
            log.error(
                .invalidValue, at: node.position, "'model' can't be \(quoted(text))", expected: expected,
                help: isNumber
                    ? "name the model too: 'MODEL/\(text)'" : isName ? "name a version too: '\(text)/1'" : nil)
            return nil
        }
    }

    private mutating func traffic(_ node: YAMLNode) -> Located<Traffic>? {
        if case .scalar("rest", _) = node.content, node.tag == nil {
            return Located(value: .rest, position: node.position)
        }
        return share(node, key: "traffic", or: "rest").map { Located(value: .share($0), position: node.position) }
    }

    private mutating func checkNames(_ arms: [Arm]) -> Bool {
        var seen: [VariantName: Position] = [:]
        var areUnique = true
        for name in arms.compactMap(\.name) {
            if let first = seen[name.value] {
                log.error(
                    .duplicateVariant, at: name.position,
                    "two variants are named '\(name.value)'; the first \(log.place(of: first, from: name.position))")
                areUnique = false
            } else {
                seen[name.value] = name.position
            }
        }
        return areUnique
    }

    /// Turns `rest` into a number. The sum is judged only if every share could be read.
    private mutating func shares(_ arms: [Arm], at position: Position) -> [Share]? {
        var sum = 0
        var rest: Located<Traffic>?
        var isReadable = true
        for arm in arms {
            switch arm.traffic?.value {
            case .share(let share): sum += share.buckets
            case .rest:
                if let first = rest, let traffic = arm.traffic {
                    log.error(
                        .duplicateRest, at: traffic.position,
                        "two variants have the rest of the traffic; the first "
                            + log.place(of: first.position, from: traffic.position),
                        expected: "'rest' at most once")
                    isReadable = false
                } else {
                    rest = arm.traffic
                }
            case nil: isReadable = false
            }
        }
        guard isReadable else { return nil }
        let missing = BucketRange.bucketCount - sum
        guard missing == 0 || (missing > 0 && rest != nil), let remainder = Share(buckets: max(0, missing)) else {
            reportSum(sum, hasRest: rest != nil, at: position)
            return nil
        }
        return arms.map { arm in
            if case .share(let share) = arm.traffic?.value { share } else { remainder }
        }
    }

    private mutating func reportSum(_ sum: Int, hasRest: Bool, at position: Position) {
        let difference = abs(BucketRange.bucketCount - sum)
        let isShort = sum < BucketRange.bucketCount
        log.error(
            .trafficSum, at: position,
            "the traffic of the variants \(hasRest ? "other than the rest " : "")sums to \(Share.text(ofBuckets: sum))",
            expected: hasRest ? "at most 100" : "exactly 100",
            help: isShort
                ? "\(Share.text(ofBuckets: difference)) is missing; 'traffic: rest' gives a variant whatever is"
                : "\(Share.text(ofBuckets: difference)) is too much")
    }
}
