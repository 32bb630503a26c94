import Signals
import TestSupport
import Testing

@Suite struct SignalTests {
    @Test("Pokes before a wait count as one, and none is lost")
    func coalesce() async {
        let activator = Activator()
        for _ in 0..<5 { activator.poke() }
        // Would take an hour if the pokes were lost.
        await activator.wait(atMost: .seconds(3600))
    }

    @Test("A poke ends a wait that is under way")
    func poke() async {
        let activator = Activator()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await activator.wait(atMost: .seconds(3600)) }
            group.addTask { activator.poke() }
        }
    }

    @Test("A wait without a poke ends with its period, and with its task")
    func period() async {
        let activator = Activator()
        await activator.wait(atMost: .milliseconds(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await activator.wait(atMost: .seconds(3600)) }
            group.cancelAll()
        }
    }

    @Test("A watcher sees the present value first, then the newest, and never misses the last")
    func latest() async {
        let value = LatestValue(0)
        var seen = value.values().makeAsyncIterator()
        #expect(await seen.next() == 0)
        for number in 1...100 { value.set(number) }
        #expect(await seen.next() == 100)
        #expect(value.current == 100)
        value.finish()
        #expect(await seen.next() == nil)
    }

    @Test("Many setters and a watcher end on the value that was set last")
    func race() async {
        for _ in 0..<50 {
            let value = LatestValue(0)
            let values = value.values()
            await withTaskGroup(of: Void.self) { group in
                for number in 1...8 { group.addTask { value.set(number) } }
            }
            value.finish()
            var last: Int?
            for await number in values { last = number }
            #expect(last == value.current)
        }
    }
}
