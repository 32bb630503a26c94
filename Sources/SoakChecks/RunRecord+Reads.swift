internal import Resources
internal import SoakHistory

extension RunRecord {
    func linearizableReads() -> Finding {
        var finding = Finding(12, "reads of models, aliases and endpoints are linearizable, each key by itself")
        for (key, register) in aliasRegisters() { hold(key, register, &finding) }
        for (key, register) in latestVersionRegisters() { hold(key, register, &finding) }
        for (key, register) in activeRevisionRegisters() { hold(key, register, &finding) }
        return finding
    }

    private func hold<Value>(_ key: String, _ register: LinearizableRegister<Value>, _ finding: inout Finding) {
        let violations = register.violations()
        for violation in violations { finding.expect(false, "\(key): \(violation)") }
        for _ in 0..<max(0, register.reads.count + register.writes.count - violations.count) {
            finding.expect(true, "")
        }
    }

    private func write<Value>(_ value: Value, for reason: String?) -> LinearizableRegister<Value>.Write {
        let intent = intents[reason ?? ""]
        return .init(
            value: value, sentAt: intent?.firstSentAt, acknowledgedAt: intent?.acknowledged?.attempt.answeredAt)
    }

    /// Where aliases point. Setting one to where it points already, and deleting one that isn't there, are reads.
    private func aliasRegisters() -> [String: LinearizableRegister<Int?>] {
        var registers: [String: LinearizableRegister<Int?>] = [:]
        for move in facts.aliasMoves {
            registers["\(move.model)@\(move.alias)", default: .init(initial: nil)].writes
                .append(write(move.version, for: move.reason))
        }
        let moved = Set(facts.aliasMoves.compactMap(\.reason))
        for (name, intent) in intents {
            guard let (attempt, answer) = intent.acknowledged, !moved.contains(name) else { continue }
            let read: (key: String, value: Int?)
            switch (intent.operation, answer) {
            case (.readAlias(let model, let alias), .alias(let version)): read = ("\(model)@\(alias)", version)
            case (.setAlias(let model, let alias, let version, _), _): read = ("\(model)@\(alias)", version)
            case (.deleteAlias(let model, let alias), _): read = ("\(model)@\(alias)", nil)
            default: continue
            }
            registers[read.key, default: .init(initial: nil)].reads.append(
                .init(value: read.value, sentAt: intent.firstSentAt, answeredAt: attempt.answeredAt))
        }
        return registers
    }

    /// The newest version of each model that was not deleted.
    private func latestVersionRegisters() -> [String: LinearizableRegister<Int?>] {
        var registers: [String: LinearizableRegister<Int?>] = [:]
        var live: [String: Set<Int>] = [:]
        for entry in facts.audit where entry.action == "version.register" || entry.action == "version.delete" {
            guard case .version(let version)? = try? VersionSelector(parsing: entry.subject) else { continue }
            let model = version.model.rawValue
            if entry.action == "version.register" {
                live[model, default: []].insert(version.version)
            } else {
                live[model, default: []].remove(version.version)
            }
            registers[model, default: .init(initial: nil)].writes.append(
                write(live[model]?.max(), for: entry.reason))
        }
        for intent in intents.values {
            guard case .readModel(let model) = intent.operation,
                case (let attempt, .model(let latest))? = intent.acknowledged
            else { continue }
            registers[model.rawValue, default: .init(initial: nil)].reads.append(
                .init(value: latest, sentAt: attempt.sentAt, answeredAt: attempt.answeredAt))
        }
        return registers
    }

    /// The active revision of each endpoint that is there.
    private func activeRevisionRegisters() -> [String: LinearizableRegister<Int?>] {
        let reasons = Dictionary(uniqueKeysWithValues: facts.releases.map { ($0.number, $0.reason) })
        var registers: [String: LinearizableRegister<Int?>] = [:]
        for revision in facts.revisions where revision.isActive {
            registers[revision.endpoint.rawValue, default: .init(initial: nil)].writes.append(
                write(revision.isRemoval ? nil : revision.number, for: reasons[revision.release] ?? nil))
        }
        for intent in intents.values {
            guard case .readEndpoint(let endpoint) = intent.operation,
                case (let attempt, .endpoint(let revision))? = intent.acknowledged
            else { continue }
            registers[endpoint.rawValue, default: .init(initial: nil)].reads.append(
                .init(value: revision, sentAt: attempt.sentAt, answeredAt: attempt.answeredAt))
        }
        return registers
    }
}
