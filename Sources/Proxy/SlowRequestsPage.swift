/// The slow requests that a proxy remembers, the newest first, as JSON for people and their tools.
enum SlowRequestsPage {
    static func json(_ requests: [FinishedRequest], slowRequest: Duration) -> String {
        var json = JSONText()
        json.object { json in
            json.decimal("slowRequestMs", slowRequest / .milliseconds(1))
            json.array("slowRequests") { json in
                for request in requests { request.write(into: &json) }
            }
        }
        return json.text
    }
}
