extension DeclaredEndpoint {
    /// Turns aliases into versions and expands the placeholders of the backends.
    ///
    /// Pure: all that it needs to know comes in. It checks the invariants first, since a declared endpoint may come
    /// from a client that never parsed a file.
    ///
    /// - Parameters:
    ///   - environment: What `{env}` stands for; `nil` where no environment was named.
    ///   - versions: The version that an alias points to now; asked once for each variant that names an alias.
    /// - Throws: `TurnoutError` with code `invalid`, or what `versions` throws.
    package func resolved(
        environment: String?,
        versions: (ModelName, AliasName) throws(TurnoutError) -> VersionReference
    ) throws(TurnoutError) -> Endpoint {
        try validate()
        var variants: [Variant] = []
        for declared in spec.variants {
            let version: VersionReference
            switch declared.model {
            case .version(let reference): version = reference
            case .alias(let model, let alias): version = try versions(model, alias)
            }
            var backends: [Backend] = []
            for template in declared.backends {
                let backend = try expanded(template, declared.name, version, environment)
                guard !backends.contains(backend) else {
                    throw fault(
                        "variant '\(declared.name)' lists the backend \(backend) twice", "backends", of: declared.name)
                }
                backends.append(backend)
            }
            variants.append(
                Variant(name: declared.name, model: .version(version), traffic: declared.traffic, backends: backends))
        }
        return Endpoint(
            name: name, owner: owner,
            spec: EndpointSpec(
                hosts: spec.hosts, routingKey: spec.routingKey, salt: spec.salt, timeout: spec.timeout,
                retry: spec.retry, limits: spec.limits, health: spec.health, overrides: spec.overrides,
                variants: variants))
    }

    private func expanded(
        _ template: BackendTemplate, _ variant: VariantName, _ version: VersionReference, _ environment: String?
    ) throws(TurnoutError) -> Backend {
        do {
            return try template.expanded(variant: variant, version: version, environment: environment)
        } catch {
            throw fault(
                error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message, "backends", of: variant
            )
        }
    }

    /// Checks what the types can't: that there are variants, that their shares sum to 100 %, that names are unique and
    /// refer to something, that numbers are in range.
    ///
    /// - Throws: `TurnoutError` with code `invalid`, for the first rule that is broken.
    package func validate() throws(TurnoutError) {
        try validateVariants()
        try validateHosts()
        let names = Set(spec.variants.map(\.name))
        if case .variant(let wanted)? = spec.routingKey?.onMissing, !names.contains(wanted) {
            throw fault("routingKey.onMissing names the variant '\(wanted)', which does not exist")
        }
        for override in spec.overrides where !names.contains(override.variant) {
            throw fault("an override uses the variant '\(override.variant)', which does not exist")
        }
        guard spec.overrides.count <= EndpointSpec.listLimit else {
            throw fault("it has more than \(EndpointSpec.listLimit) overrides")
        }
        guard RetryPolicy.attemptsRange.contains(spec.retry.attempts) else {
            throw fault("retry.attempts is \(spec.retry.attempts), and must be 0 to 10")
        }
        guard EndpointSpec.timeoutRange.contains(spec.timeout) else {
            throw fault("timeout is \(spec.timeout), and must be 1ms to 1h")
        }
        if let perTry = spec.retry.perTryTimeout, !RetryPolicy.perTryTimeoutRange.contains(perTry) {
            throw fault("retry.perTryTimeout is \(perTry), and must be 1ms to 1h")
        }
        if let hedgeAfter = spec.retry.hedgeAfter, !RetryPolicy.hedgeAfterRange.contains(hedgeAfter) {
            throw fault("retry.hedgeAfter is \(hedgeAfter), and must be 1ms to 1h", "retry.hedgeAfter")
        }
        if let conflict = spec.retry.hedgingConflict(timeout: spec.timeout) {
            throw fault(conflict.problem, "retry.hedgeAfter")
        }
        for limit in [spec.limits?.maxConcurrency, spec.limits?.maxConnectionsPerBackend] {
            guard let limit, !EndpointLimits.range.contains(limit) else { continue }
            throw fault("one of its limits is \(limit), and must be 1 to 1000000")
        }
        try validateHealth()
    }

    private func validateHealth() throws(TurnoutError) {
        guard let health = spec.health else { return }
        guard health.path.hasPrefix("/") else { throw fault("health.path does not start with '/'") }
        guard HealthCheck.unhealthyAfterRange.contains(health.unhealthyAfter) else {
            throw fault("health.unhealthyAfter is \(health.unhealthyAfter), and must be 1 to 100")
        }
        guard HealthCheck.intervalRange.contains(health.every), HealthCheck.intervalRange.contains(health.timeout)
        else {
            throw fault("health.every and health.timeout must be 100ms to 1h")
        }
    }

    private func validateVariants() throws(TurnoutError) {
        guard spec.variants.count <= EndpointSpec.listLimit else {
            throw fault("it has more than \(EndpointSpec.listLimit) variants")
        }
        var names: Set<VariantName> = []
        for variant in spec.variants {
            guard names.insert(variant.name).inserted else { throw fault("two variants are named '\(variant.name)'") }
            guard !VariantName.reserved.contains(variant.name.rawValue) else {
                throw fault("'\(variant.name)' is reserved and can't name a variant")
            }
            guard !variant.backends.isEmpty else { throw fault("variant '\(variant.name)' has no backends") }
            guard variant.backends.count <= EndpointSpec.backendsLimit else {
                throw fault("variant '\(variant.name)' has more than \(EndpointSpec.backendsLimit) backends")
            }
        }
        guard !spec.variants.isEmpty else { throw fault("it has no variants") }
        let sum = spec.variants.reduce(0) { $0 + $1.traffic.buckets }
        guard sum == BucketRange.bucketCount else {
            throw fault("the traffic of its variants sums to \(Share.text(ofBuckets: sum)) instead of 100")
        }
    }

    private func validateHosts() throws(TurnoutError) {
        guard spec.hosts.count <= EndpointSpec.listLimit else {
            throw fault("it has more than \(EndpointSpec.listLimit) hosts")
        }
        var seen: Set<String> = []
        for host in spec.hosts {
            guard HostName.isValid(host), host == host.lowercased() else {
                throw fault("'\(host)' is not a host: expected \(HostName.expectation)")
            }
            guard seen.insert(host).inserted else { throw fault("it lists the host '\(host)' twice") }
        }
    }

    /// - Parameter field: of the variant, or else of the spec.
    private func fault(_ what: String, _ field: String? = nil, of variant: VariantName? = nil) -> TurnoutError {
        let place = [variant.map { "spec.variants[\($0)]" } ?? "spec", field].compactMap { $0 }.joined(separator: ".")
        return TurnoutError(
            .invalid, "Endpoint '\(name)' can't be accepted: \(what).",
            faults: [EndpointFault(.invalidValue, endpoint: name, variant: variant, field: place, what)])
    }
}
