import Testing

@testable import SoakChecks

@Suite("Whether reads fit the order of writes")
struct LinearizableRegisterTests {
    private func register(
        reads: [(value: Int, sentAt: Int64, answeredAt: Int64)]
    ) -> LinearizableRegister<Int> {
        var register = LinearizableRegister(initial: 0)
        register.writes = [
            .init(value: 1, sentAt: 10, acknowledgedAt: 20), .init(value: 2, sentAt: 30, acknowledgedAt: nil),
            .init(value: 3, sentAt: 50, acknowledgedAt: 60),
        ]
        register.reads = reads.map { .init(value: $0.value, sentAt: $0.sentAt, answeredAt: $0.answeredAt) }
        return register
    }

    @Test("values that were there at some moment of the read are possible")
    func possible() {
        #expect(
            register(reads: [(0, 1, 5), (0, 12, 15), (1, 12, 15), (1, 35, 40), (2, 35, 40), (3, 55, 70)])
                .violations().isEmpty)
    }

    @Test("a value is impossible before its write was sent, and after a later one was acknowledged")
    func impossible() {
        #expect(register(reads: [(1, 1, 9)]).violations().count == 1)
        #expect(register(reads: [(0, 21, 25)]).violations().count == 1)
        #expect(register(reads: [(2, 61, 70)]).violations().count == 1)
        #expect(register(reads: [(7, 1, 100)]).violations().count == 1)
    }

    @Test("what one read has seen, no later one may miss")
    func monotonic() {
        #expect(register(reads: [(2, 31, 35), (1, 36, 40)]).violations().count == 1)
        #expect(register(reads: [(2, 31, 35), (1, 33, 40)]).violations().isEmpty)
    }

    @Test("a write that was acknowledged before another was sent comes first")
    func misordered() {
        var register = LinearizableRegister(initial: 0)
        register.writes = [
            .init(value: 1, sentAt: 30, acknowledgedAt: 40), .init(value: 2, sentAt: 10, acknowledgedAt: 20),
        ]
        #expect(register.violations().count == 1)
    }
}
