/// What `NOTIFY channel, 'payload'` sent.
package struct PostgresNotification: Sendable, Equatable {
    package let channel: String
    package let payload: String

    package init(channel: String, payload: String) {
        self.channel = channel
        self.payload = payload
    }
}

/// What a listener sees.
package enum PostgresListenEvent: Sendable, Equatable {
    /// LISTEN stands, for the first time or again. Whatever was notified before may have been missed: read the state anew.
    case reconnected
    case notification(PostgresNotification)
}
