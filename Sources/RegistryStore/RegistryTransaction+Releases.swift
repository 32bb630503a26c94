internal import Postgres
package import Resources

extension RegistryTransaction {
    /// Writes a decision: the release, its revisions, the endpoints' new heads, the holds. A fixed number of
    /// statements, however many endpoints.
    ///
    /// The heads that it was decided on must have been read in this transaction, under the lock that
    /// `RegistryStore.transaction` takes.
    ///
    /// - Parameters:
    ///   - moment: what `releaseMoment()` said in this transaction.
    ///   - role: the actor's, for the audit entry, which is written too.
    /// - Returns: the new release's number, or the newest one's when the draft has no revisions.
    /// - Throws: `conflict` when a host belongs to another endpoint.
    package func record(_ draft: ReleaseDraft, at moment: ReleaseMoment, role: Role) async throws -> Int {
        guard !draft.endpoints.isEmpty else { return moment.release }
        let release = draft.hasRevisions ? moment.release + 1 : moment.release
        if draft.hasRevisions { try await insertRelease(release, draft, at: moment.at) }
        let rows = try StoredJSON.text(try draft.endpoints.map(EndpointRow.init))
        try await upsertEndpoints(rows, at: moment.at)
        try await insertRevisions(rows, release, at: moment.at)
        try await replaceHosts(rows)
        try await changeHolds(rows, draft, at: moment.at)
        try await appendAudit(try AuditDraft(draft, release: release, role: role, at: moment.at))
        // Tells every server that there may be work; sent with the commit.
        _ = try await query("SELECT pg_notify('turnout_change', '')")
        return release
    }

    private func insertRelease(_ number: Int, _ draft: ReleaseDraft, at moment: Timestamp) async throws {
        try await execute("UPDATE release_counter SET number = $1, created_at = $2", [number, moment.postgres])
        try await execute(
            """
            INSERT INTO release (number, origin, actor, reason, commit, source, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                number, draft.origin.rawValue, draft.note.actor, draft.note.reason, draft.note.commit,
                draft.note.source, moment.postgres,
            ])
    }

    private func upsertEndpoints(_ rows: String, at moment: Timestamp) async throws {
        try await execute(
            """
            INSERT INTO endpoint (
                name, created_at, latest_revision, active_revision, applied_revision, waiting_revision, bucket_map,
                source, removed)
            SELECT name, $2, latest, active, applied, waiting, bucket_map::jsonb, source, removed
            FROM jsonb_to_recordset($1::jsonb) AS d (
                name text, latest integer, active integer, applied integer, waiting integer, bucket_map text,
                source text, removed boolean)
            ON CONFLICT (name) DO UPDATE SET
                latest_revision = excluded.latest_revision, active_revision = excluded.active_revision,
                applied_revision = excluded.applied_revision, waiting_revision = excluded.waiting_revision,
                bucket_map = excluded.bucket_map, source = excluded.source, removed = excluded.removed
            """,
            [rows, moment.postgres])
    }

    private func insertRevisions(_ rows: String, _ release: Int, at moment: Timestamp) async throws {
        try await execute(
            """
            INSERT INTO endpoint_revision (
                endpoint, number, release, active, removed, restores, content, digest, ranges, created_at)
            SELECT name, number, $2, live, removes, restores, content::jsonb,
                encode(sha256(convert_to(content, 'UTF8')), 'hex'), ranges, $3
            FROM jsonb_to_recordset($1::jsonb) AS d (
                name text, number integer, live boolean, removes boolean, restores integer, content text,
                ranges jsonb)
            WHERE number IS NOT NULL
            """,
            [rows, release, moment.postgres])
        try await execute(
            """
            INSERT INTO revision_variant (endpoint, revision, name, model_id, version, traffic)
            SELECT d.name, d.number, v.name, m.id, v.version, v.traffic
            FROM jsonb_to_recordset($1::jsonb) AS d (name text, number integer, variants jsonb)
            CROSS JOIN LATERAL jsonb_to_recordset(d.variants) AS v (
                name text, model text, version integer, traffic integer)
            LEFT JOIN model m ON m.name = v.model
            WHERE d.number IS NOT NULL
            """,
            [rows])
    }

    private func replaceHosts(_ rows: String) async throws {
        try await execute(
            """
            DELETE FROM endpoint_host h USING jsonb_to_recordset($1::jsonb) AS d (name text, hosts jsonb)
            WHERE h.endpoint = d.name AND NOT d.hosts ? h.host
            """,
            [rows])
        do {
            // What the endpoint has already stays; what another one has breaks the key.
            try await execute(
                """
                INSERT INTO endpoint_host (host, endpoint)
                SELECT host, d.name
                FROM jsonb_to_recordset($1::jsonb) AS d (name text, hosts jsonb)
                CROSS JOIN LATERAL jsonb_array_elements_text(d.hosts) AS host
                WHERE NOT EXISTS (SELECT FROM endpoint_host h WHERE h.host = host AND h.endpoint = d.name)
                """,
                [rows])
        } catch let violation as RegistryViolation where violation.constraint == "endpoint_host_pkey" {
            throw TurnoutError(
                .conflict, "A host is claimed by another endpoint: a host belongs to one endpoint.",
                context: violation.detail)
        }
    }

    private func changeHolds(_ rows: String, _ draft: ReleaseDraft, at moment: Timestamp) async throws {
        try await execute(
            """
            UPDATE hold h SET ended_at = $2, ended_by = $3, ended_why = d.ends_hold
            FROM jsonb_to_recordset($1::jsonb) AS d (name text, ends_hold text)
            WHERE h.endpoint = d.name AND h.ended_at IS NULL AND d.ends_hold IS NOT NULL
            """,
            [rows, moment.postgres, draft.note.actor])
        try await execute(
            """
            INSERT INTO hold (endpoint, kind, actor, reason, since, until)
            SELECT name, hold_kind, held_by, hold_reason, $2,
                timestamptz 'epoch' + hold_until * interval '1 microsecond'
            FROM jsonb_to_recordset($1::jsonb) AS d (
                name text, hold_kind text, held_by text, hold_reason text, hold_until bigint)
            WHERE hold_kind IS NOT NULL
            """,
            [rows, moment.postgres])
    }
}

extension AuditDraft {
    private struct Detail: Encodable {
        struct Part: Encodable {
            let endpoint: EndpointName
            let revision: Int?
            let live: Bool?
            let removed: Bool?
            let endsHold: Hold.End?
            let makesHold: Hold.Kind?
            let holdUntil: Timestamp?
        }

        let release: Int
        let commit: String?
        let source: String?
        let endpoints: [Part]
    }

    /// One entry a decision; its subject is the endpoint, or the release when there are several.
    fileprivate init(
        _ draft: ReleaseDraft, release: Int, role: Role, at moment: Timestamp
    ) throws(TurnoutError) {
        let parts = draft.endpoints.map { endpoint in
            Detail.Part(
                endpoint: endpoint.endpoint, revision: endpoint.revision?.number, live: endpoint.revision?.active,
                removed: endpoint.revision?.removed == true ? true : nil, endsHold: endpoint.endsHold,
                makesHold: endpoint.makesHold?.kind, holdUntil: endpoint.makesHold?.until)
        }
        let subject = draft.endpoints.count == 1 ? draft.endpoints.first?.endpoint.rawValue : nil
        self.init(
            at: moment, actor: draft.note.actor, role: role, action: "endpoint.\(draft.origin.rawValue)",
            subject: subject ?? "release/\(release)", reason: draft.note.reason,
            detail: try StoredJSON.text(
                Detail(release: release, commit: draft.note.commit, source: draft.note.source, endpoints: parts)))
    }
}

/// An `EndpointDraft` as the statements above read it.
private struct EndpointRow: Encodable {
    struct VariantRow: Encodable {
        let name: VariantName
        let model: ModelName
        let version: Int
        let traffic: Int
    }

    /// The names of the columns above.
    private enum CodingKeys: String, CodingKey {
        case name, latest, active, applied, waiting, source, removed, number, live, removes, restores, content, ranges
        case variants, hosts
        case bucketMap = "bucket_map"
        case endsHold = "ends_hold"
        case holdKind = "hold_kind"
        case heldBy = "held_by"
        case holdReason = "hold_reason"
        case holdUntil = "hold_until"
    }

    let name: EndpointName
    let latest: Int
    let active: Int
    let applied: Int
    let waiting: Int?
    let bucketMap: String
    let source: String?
    let removed: Bool
    let number: Int?
    let live: Bool?
    let removes: Bool?
    let restores: Int?
    let content: String?
    let ranges: [VariantName: [BucketRange]]?
    let variants: [VariantRow]
    let hosts: [String]
    let endsHold: String?
    let holdKind: String?
    let heldBy: String?
    let holdReason: String?
    let holdUntil: Int64?

    init(_ draft: EndpointDraft) throws(TurnoutError) {
        name = draft.endpoint
        latest = draft.latestRevision
        active = draft.activeRevision
        applied = draft.appliedRevision
        waiting = draft.waitingRevision
        bucketMap = draft.bucketMap
        source = draft.source
        removed = draft.removed
        number = draft.revision?.number
        live = draft.revision?.active
        removes = draft.revision?.removed
        restores = draft.revision?.restores
        if let revision = draft.revision {
            content = try StoredJSON.text(revision.content)
        } else {
            content = nil
        }
        ranges = draft.revision?.ranges
        var variants: [VariantRow] = []
        // What is gone uses no version.
        let live = draft.revision.flatMap { $0.removed ? nil : $0.content }
        for variant in live?.spec.variants ?? [] {
            guard case .version(let version) = variant.model else {
                throw TurnoutError(.internal, "An alias can't be stored in a revision.", context: "\(variant.model)")
            }
            variants.append(
                VariantRow(
                    name: variant.name, model: version.model, version: version.version,
                    traffic: variant.traffic.buckets))
        }
        self.variants = variants
        hosts = draft.hosts
        endsHold = draft.endsHold?.rawValue
        holdKind = draft.makesHold?.kind.rawValue
        heldBy = draft.makesHold?.by
        holdReason = draft.makesHold?.reason
        holdUntil = draft.makesHold?.until?.microseconds
    }
}
