import Glibc
import Telemetry
import Testing

@testable import Proxy

@Suite("Judgements")
struct JudgementTests {
    @Test("Failures condemn only in a row, and one success acquits")
    func inARow() {
        var judgement = HealthJudgement()
        for _ in 0..<10 {
            judgement.failed("no", unhealthyAfter: 3)
            judgement.failed("no", unhealthyAfter: 3)
            #expect(judgement.isHealthy)
            judgement.succeeded()
        }
        for _ in 0..<3 { judgement.failed("no", unhealthyAfter: 3) }
        #expect(!judgement.isHealthy)
        judgement.succeeded()
        #expect(judgement.isHealthy)
        #expect(judgement.lastError == nil)
    }

    @Test("An ejected backend is tried after 250 ms, then half as often each time, at least every 5 s")
    func backoff() {
        var ejection = PassiveEjection()
        let now = MonotonicTime(nanoseconds: 0)
        var waits = [ejection.eject("no", now: now)]
        for _ in 0..<6 { waits.append(ejection.probeFailed("no")) }
        #expect(waits == [250, 500, 1000, 2000, 4000, 5000, 5000])
    }

    @Test("A backend that fails again soon after its return goes on with the longer waits; later it starts anew")
    func probation() {
        var ejection = PassiveEjection()
        _ = ejection.eject("no", now: MonotonicTime(nanoseconds: 0))
        _ = ejection.probeFailed("no")
        ejection.comeBack(now: MonotonicTime(nanoseconds: 0))
        #expect(!ejection.isEjected)
        #expect(ejection.eject("no", now: MonotonicTime(nanoseconds: 9_000_000_000)) == 1000)
        ejection.comeBack(now: MonotonicTime(nanoseconds: 10_000_000_000))
        #expect(ejection.eject("no", now: MonotonicTime(nanoseconds: 21_000_000_000)) == 250)
    }

    @Test(
        "An outlier is left out for 5 s, each time after for twice as long up to a minute, and for 5 s after a good minute"
    )
    func outlierTimes() {
        var outlier = OutlierEjection()
        let rules = OutlierRules()
        var now = MonotonicTime(nanoseconds: 0)
        var waits: [Int] = []
        for _ in 0..<6 {
            waits.append(outlier.eject(rules, now: now))
            #expect(outlier.isEjected)
            now = now.advanced(milliseconds: waits.last ?? 0)
            outlier.comeBack(now: now)
            #expect(!outlier.isEjected)
            now = now.advanced(milliseconds: 59_999)
        }
        #expect(waits == [5000, 10_000, 20_000, 40_000, 60_000, 60_000])
        #expect(outlier.count == 6)
        #expect(outlier.eject(rules, now: now.advanced(milliseconds: 1)) == 5000)
    }

    @Test("The queue gives what is due, the earliest first, and nothing else, in whatever order it was filled")
    func queueOrder() {
        for _ in 0..<200 {
            var queue = DueQueue<Int>()
            let dues = (0..<Int.random(in: 1...60)).map { _ in Int64.random(in: 0..<50) }
            for (index, due) in dues.enumerated() { queue.push(index, due: MonotonicTime(nanoseconds: due)) }
            var popped: [Int64] = []
            while let index = queue.pop(dueBy: MonotonicTime(nanoseconds: 24)) { popped.append(dues[index]) }
            #expect(popped == dues.filter { $0 <= 24 }.sorted())
            #expect(queue.nextDue?.nanoseconds == dues.filter { $0 > 24 }.min())
        }
    }

    @Test("A command's name with spaces and brackets does not shift the process's figures")
    func statFields() {
        #expect(ProcessUsage.fields("7 (a) b (c) S 1 2\n") == ["S", "1", "2"])
        #expect(ProcessUsage.fields("nonsense").isEmpty)
    }

    @Test("The system resolves a literal and this machine's name for itself, and explains what it can't")
    func systemResolver() throws {
        #expect(try NameResolver.system("localhost").map(\.description) == ["127.0.0.1:0"])
        let error = #expect(throws: NameResolverError.self) { try NameResolver.system("no-such-host.invalid") }
        #expect(error?.message.hasPrefix("can't resolve 'no-such-host.invalid': ") == true)
    }

    @Test("A probe that TCP connected to itself is not taken for a scorer")
    func connectedToItself() throws {
        // Only a socket that is bound to the port it connects to does so for certain.
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let any = SocketAddress(ipv4: 0x7f00_0001, port: 0)
        #expect(any.withSocketAddress { bind(descriptor, $0, $1) } == 0)
        let itself = try #require(SocketAddress(localEndOf: descriptor))
        #expect(itself.port != 0)
        #expect(itself.withSocketAddress { connect(descriptor, $0, $1) } == 0)
        #expect(SocketAddress(localEndOf: descriptor) == itself)
        var probe = HealthProbe(connecting: descriptor, to: itself)
        #expect(probe.advance() == .judged(.failed("connect to \(itself): nobody listens")))
    }
}
