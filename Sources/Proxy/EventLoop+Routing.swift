import Splitting

/// What the request's target becomes on its way to the backend.
struct TargetRewrite {
    enum Prefix: UInt8 {
        case none, slash, invocations

        var text: StaticString {
            switch self {
            case .none: ""
            case .slash: "/"
            case .invocations: "/invocations"
            }
        }
    }

    var prefix = Prefix.none
    var start: Int
    var count: Int
    /// Of a target in absolute form; it replaces the `Host` header.
    var authorityStart = 0
    var authorityCount = 0

    init(start: Int, count: Int) {
        self.start = start
        self.count = count
    }
}

/// Where a request goes.
struct RouteOutcome {
    enum Kind {
        case forward
        case fault
        /// The proxy answers itself.
        case own
    }

    var kind = Kind.forward
    var fault = ProxyFault.badRequest
    var route: ServedRoute?
    var arm = -1
    var reason = RouteReason.split

    static func fault(_ fault: ProxyFault, route: ServedRoute? = nil) -> RouteOutcome {
        var outcome = RouteOutcome()
        outcome.kind = .fault
        outcome.fault = fault
        outcome.route = route
        return outcome
    }
}

/// Matching a request to an endpoint and a variant: pure reads of the head and the table.
extension EventLoop {
    func route(
        _ bytes: Bytes, _ head: MessageHead, _ table: ServedTable, _ target: inout TargetRewrite
    ) -> RouteOutcome {
        var host = head.hostField >= 0 ? state.scanner.fields[head.hostField].value(in: bytes) : bytes.slice(0, 0)
        if bytes[target.start] != 0x2f {
            guard takeAbsoluteForm(bytes, head, &target) else { return .fault(.badRequest) }
            if target.authorityCount > 0 { host = bytes.slice(target.authorityStart, target.authorityCount) }
        }
        if table.hasHosts, !host.isEmpty, let route = table.route(host: lowercasedName(host)) {
            return chooseArm(bytes, head, route, version: 0)
        }
        let path = bytes.slice(target.start, target.count)
        var version: UInt64 = 0
        switch matchPath(path, table, &target, &version) {
        case .route(let route):
            return chooseArm(bytes, head, route, version: version)
        case .own where isOwnMethod(bytes, head):
            var outcome = RouteOutcome()
            outcome.kind = .own
            return outcome
        case .own, .none:
            guard let route = table.wildcard else { return .fault(.endpointNotFound) }
            return chooseArm(bytes, head, route, version: 0)
        }
    }

    private func isOwnMethod(_ bytes: Bytes, _ head: MessageHead) -> Bool {
        head.isHead || bytes.slice(0, head.methodCount).equals(Bytes("GET"))
    }

    /// `http://authority/path` becomes a path; `*` stays for OPTIONS; everything else is refused.
    private func takeAbsoluteForm(_ bytes: Bytes, _ head: MessageHead, _ target: inout TargetRewrite) -> Bool {
        let text = bytes.slice(target.start, target.count)
        if text.count == 1, text[0] == 0x2a { return bytes.slice(0, head.methodCount).equals(Bytes("OPTIONS")) }
        guard text.hasPrefix(ignoringCase: Bytes("http://")) else { return false }
        var end = 7
        while end < text.count, text[end] != 0x2f, text[end] != 0x3f { end += 1 }
        let authority = text.slice(7, end - 7)
        guard !authority.isEmpty, state.scanner.isAuthority(authority) else { return false }
        target.authorityStart = target.start + 7
        target.authorityCount = authority.count
        target.start += end
        target.count -= end
        if target.count == 0 || bytes[target.start] == 0x3f { target.prefix = .slash }
        return true
    }

    /// A `Host` without its port, in lower case, in the loop's scratch.
    private func lowercasedName(_ host: Bytes) -> Bytes {
        var end = host.count
        if host[0] == 0x5b {
            let bracket = host.first(0x5d)
            if bracket > 0 { return lowercased(host.slice(1, bracket - 1)) }
        } else {
            let colon = host.first(0x3a)
            if colon >= 0 { end = colon }
        }
        return lowercased(host.slice(0, end))
    }

    private func lowercased(_ text: Bytes) -> Bytes {
        let count = min(text.count, 256)
        for index in 0..<count { state.key[index] = Bytes.lowercase(text[index]) }
        return state.key.view(0, count)
    }

    // MARK: Paths

    private enum PathMatch {
        case none
        case route(ServedRoute)
        /// One of the paths that the proxy answers itself.
        case own

        init(_ route: ServedRoute?) { self = route.map { .route($0) } ?? .none }
    }

    private func matchPath(
        _ path: Bytes, _ table: ServedTable, _ target: inout TargetRewrite, _ version: inout UInt64
    ) -> PathMatch {
        guard path.count > 1 else { return .none }
        let first = segment(path, 1)
        if first.count == 2, first[0] == 0x76, first[1] == 0x31 || first[1] == 0x32 {
            return matchModelPath(path, table, isOIP: first[1] == 0x32, &version)
        }
        if first.equals(Bytes("endpoints")) { return PathMatch(matchInvocations(path, table, &target)) }
        guard let route = table.route(named: first) else { return .none }
        let rest = 1 + first.count
        if rest < path.count, path[rest] == 0x2f {
            target.start += rest
            target.count -= rest
        } else {
            target.prefix = .slash
            target.start += rest
            target.count -= rest
        }
        return .route(route)
    }

    /// The bytes from `start` to the next `/`, `?` or the end.
    private func segment(_ path: Bytes, _ start: Int, endsAtColon: Bool = false) -> Bytes {
        var end = start
        while end < path.count, path[end] != 0x2f, path[end] != 0x3f, !endsAtColon || path[end] != 0x3a { end += 1 }
        return path.slice(start, end - start)
    }

    private func matchModelPath(
        _ path: Bytes, _ table: ServedTable, isOIP: Bool, _ version: inout UInt64
    ) -> PathMatch {
        if isOIP {
            var end = path.first(0x3f)
            if end < 0 { end = path.count }
            let plain = path.slice(0, end)
            if plain.equals(Bytes("/v2")) || plain.equals(Bytes("/v2/health/live"))
                || plain.equals(Bytes("/v2/health/ready"))
            {
                return .own
            }
        }
        let stem = Bytes("/models/")
        guard path.count > 11, path.slice(3, stem.count).equals(stem) else { return .none }
        let name = segment(path, 11, endsAtColon: !isOIP)
        guard let route = table.route(named: name) else { return .none }
        let rest = 11 + name.count
        let versions = Bytes("/versions/")
        if path.count > rest + versions.count, path.slice(rest, versions.count).equals(versions) {
            version = number(segment(path, rest + versions.count, endsAtColon: !isOIP))
        }
        return .route(route)
    }

    /// - Returns: a version that no model has when the text is no number.
    private func number(_ text: Bytes) -> UInt64 {
        guard (1...18).contains(text.count) else { return .max }
        var value: UInt64 = 0
        for index in 0..<text.count {
            guard text[index] &- 0x30 < 10 else { return .max }
            value = value * 10 + UInt64(text[index] &- 0x30)
        }
        return value == 0 ? .max : value
    }

    private func matchInvocations(
        _ path: Bytes, _ table: ServedTable, _ target: inout TargetRewrite
    ) -> ServedRoute? {
        guard path.count > 11, path[10] == 0x2f else { return nil }
        let name = segment(path, 11)
        let rest = 11 + name.count
        let suffix = Bytes("/invocations")
        guard path.count >= rest + suffix.count, path.slice(rest, suffix.count).equals(suffix) else { return nil }
        let end = rest + suffix.count
        guard end == path.count || path[end] == 0x3f, let route = table.route(named: name) else { return nil }
        target.prefix = .invocations
        target.start += end
        target.count -= end
        return route
    }

    // MARK: Arms

    private func chooseArm(
        _ bytes: Bytes, _ head: MessageHead, _ route: ServedRoute, version: UInt64
    ) -> RouteOutcome {
        let view = route.view
        var outcome = RouteOutcome()
        outcome.route = route
        if version > 0 {
            for arm in 0..<view.armCount where view.version(arm) == version {
                outcome.arm = arm
                outcome.reason = .version
                return outcome
            }
            return .fault(.versionNotServed, route: route)
        }
        for index in 0..<view.overrideCount {
            let wanted = Bytes(view.overrideValue(index))
            if hasField(bytes, head, named: Bytes(view.overrideHeader(index)), value: wanted) {
                outcome.arm = view.overrideArm(index)
                outcome.reason = .override
                return outcome
            }
        }
        let keyCount = putKey(bytes, head, view)
        if keyCount >= 0 {
            outcome.arm = view.arm(bucket: Bucket.of(saltedKey: state.key.view(0, keyCount).view))
            return outcome
        }
        outcome.reason = .noKey
        switch view.onMissing {
        case .random: outcome.arm = view.arm(bucket: Int(truncatingIfNeeded: nextRandom() >> 11) % 10_000)
        case .variant: outcome.arm = view.onMissingArm
        case .reject: return .fault(.routingKeyMissing, route: route)
        }
        return outcome
    }

    private func hasField(_ bytes: Bytes, _ head: MessageHead, named name: Bytes, value: Bytes) -> Bool {
        for index in 0..<head.fieldCount where Int(state.scanner.fields[index].nameCount) == name.count {
            let field = state.scanner.fields[index]
            if field.name(in: bytes).equals(ignoringCase: name), field.value(in: bytes).equals(value) { return true }
        }
        return false
    }

    /// Writes salt, colon and key into the loop's scratch.
    /// - Returns: their length, or -1 when the request has no key.
    private func putKey(_ bytes: Bytes, _ head: MessageHead, _ view: RouteView) -> Int {
        let source = view.keySource
        guard source != .none else { return -1 }
        let name = Bytes(view.keyName)
        let salt = Bytes(view.salt)
        guard salt.count < 8192 else { return -1 }
        let start = state.key.put(salt, at: 0)
        var end = start
        switch source {
        case .header:
            for index in 0..<head.fieldCount where Int(state.scanner.fields[index].nameCount) == name.count {
                let field = state.scanner.fields[index]
                guard field.name(in: bytes).equals(ignoringCase: name) else { continue }
                end = state.key.put(field.value(in: bytes), at: start)
                break
            }
        case .cookie:
            end = putCookie(bytes, head, name, at: start)
        case .query:
            end = putQuery(bytes.slice(head.targetStart, head.targetCount), name, at: start)
        case .none:
            break
        }
        return end > start ? end : -1
    }

    private func putCookie(_ bytes: Bytes, _ head: MessageHead, _ name: Bytes, at start: Int) -> Int {
        for index in 0..<head.fieldCount where state.scanner.fields[index].id == .cookie {
            let line = state.scanner.fields[index].value(in: bytes)
            var at = 0
            while at < line.count {
                while at < line.count, line[at] == 0x20 || line[at] == 0x3b { at += 1 }
                var end = line.first(0x3b, from: at)
                if end < 0 { end = line.count }
                let equals = line.first(0x3d, from: at)
                if equals >= 0, equals < end, line.slice(at, equals - at).equals(name) {
                    return state.key.put(line.slice(equals + 1, end - equals - 1), at: start)
                }
                at = end
            }
        }
        return start
    }

    private func putQuery(_ target: Bytes, _ name: Bytes, at start: Int) -> Int {
        var at = target.first(0x3f) + 1
        guard at > 0 else { return start }
        while at < target.count {
            var end = target.first(0x26, from: at)
            if end < 0 { end = target.count }
            var equals = target.first(0x3d, from: at)
            if equals < 0 || equals > end { equals = end }
            let nameEnd = putDecoded(target.slice(at, equals - at), at: start)
            if state.key.view(start, nameEnd - start).equals(name), equals < end {
                return putDecoded(target.slice(equals + 1, end - equals - 1), at: start)
            }
            at = end + 1
        }
        return start
    }

    /// `%XX` and `+` as forms write them; a `%` that begins nothing stands for itself.
    private func putDecoded(_ text: Bytes, at start: Int) -> Int {
        var end = start
        var at = 0
        while at < text.count {
            var byte = text[at]
            if byte == 0x2b { byte = 0x20 }
            if byte == 0x25, at + 2 < text.count, let high = hexadecimal(text[at + 1]),
                let low = hexadecimal(text[at + 2])
            {
                byte = high << 4 | low
                at += 2
            }
            state.key[end] = byte
            end += 1
            at += 1
        }
        return end
    }

    private func hexadecimal(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }
}
