extension HeadScanner {
    /// Whether a `Host`, or the authority of a target in absolute form, is a host with or without a port (RFC 9110 §7.2,
    /// without user information): a name, an IPv4 address, or an IPv6 address in brackets; empty for no host.
    func isAuthority(_ value: Bytes) -> Bool {
        guard !value.isEmpty else { return true }
        var end = 0
        if value[0] == 0x5b {
            end = value.first(0x5d) + 1
            guard end > 2, end == value.count || value[end] == 0x3a else { return false }
            for index in 1..<(end - 1)
            where !characters.has(value[index], CharacterTable.hexadecimal) && value[index] != 0x3a
                && value[index] != 0x2e
            { return false }
        } else {
            guard isHost(value) else { return false }
            end = value.first(0x3a)
        }
        guard end >= 0, end < value.count else { return true }
        for index in (end + 1)..<value.count where !characters.has(value[index], CharacterTable.digit) { return false }
        return true
    }

    /// Whether a method asks for a tunnel, or is one of RTSP's and of no other protocol's: its requests look like ours, and
    /// mean something else to whoever understands them.
    func isForeign(_ method: Bytes) -> Bool {
        switch method.count {
        case 4: method.equals(Bytes("PLAY"))
        case 5: method.equals(Bytes("SETUP")) || method.equals(Bytes("PAUSE")) || method.equals(Bytes("FLUSH"))
        case 6: method.equals(Bytes("RECORD"))
        case 7: method.equals(Bytes("CONNECT"))
        case 8:
            method.equals(Bytes("ANNOUNCE")) || method.equals(Bytes("DESCRIBE")) || method.equals(Bytes("TEARDOWN"))
                || method.equals(Bytes("REDIRECT"))
        case 13: method.equals(Bytes("GET_PARAMETER")) || method.equals(Bytes("SET_PARAMETER"))
        default: false
        }
    }
}
