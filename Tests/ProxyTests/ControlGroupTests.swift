import Proxy
import Testing

@Suite("The memory of control groups") struct ControlGroupTests {
    private static let second = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let first = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime master:9 shared:11 - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

        """

    private func limit(group: String, mounts: String, _ files: [String: String]) -> Int? {
        let files = files.merging(["/proc/self/cgroup": group, "/proc/self/mountinfo": mounts]) { own, _ in own }
        return ControlGroup.memoryLimit { files[$0] }
    }

    @Test(
        "The own group's limit counts",
        arguments: [("536870912\n", 536_870_912), ("max\n", nil), ("", nil), ("x", nil)])
    func own(_ text: String, _ bytes: Int?) {
        let files = ["/sys/fs/cgroup/system.slice/turnout.service/memory.max": text]
        #expect(limit(group: "0::/system.slice/turnout.service\n", mounts: Self.second, files) == bytes)
    }

    @Test("Of nested groups the smallest limit counts, wherever it is")
    func nested() {
        let root = "/sys/fs/cgroup"
        let group = "0::/a.slice/b.slice/c.service\n"
        func smallest(_ values: [String: String]) -> Int? {
            limit(
                group: group, mounts: Self.second,
                Dictionary(uniqueKeysWithValues: values.map { (root + $0.key + "/memory.max", $0.value) }))
        }
        #expect(
            smallest(["/a.slice": "100\n", "/a.slice/b.slice": "max\n", "/a.slice/b.slice/c.service": "300\n"]) == 100)
        #expect(
            smallest(["/a.slice": "400\n", "/a.slice/b.slice": "200\n", "/a.slice/b.slice/c.service": "300\n"]) == 200)
        #expect(smallest(["/a.slice": "max\n", "/a.slice/b.slice/c.service": "300\n"]) == 300)
        #expect(smallest(["": "50\n", "/a.slice": "100\n"]) == 50)
        #expect(smallest(["/other.slice": "1\n", "/a.slice/b.slice/c.service/child": "1\n"]) == nil)
    }

    @Test("In a container the group is the mount itself")
    func container() {
        let files = ["/sys/fs/cgroup/memory.max": "1000\n"]
        #expect(limit(group: "0::/\n", mounts: Self.second, files) == 1000)
        // Some runtimes show the host's path, which is not there.
        #expect(limit(group: "0::/../../kubepods/pod1\n", mounts: Self.second, files) == 1000)
        let bound = Self.first.replacing("0:32 / ", with: "0:32 /docker/abc ")
        let first = ["/sys/fs/cgroup/memory/memory.limit_in_bytes": "2000\n"]
        #expect(limit(group: "5:memory:/docker/abc\n", mounts: bound, first) == 2000)
        #expect(limit(group: "5:memory:/elsewhere\n", mounts: bound, first) == 2000)
    }

    @Test("In version 1 the group with the memory controller counts, and the largest number is no limit")
    func versionOne() {
        let group = "9:cpu:/small\n4:memory,hugetlb:/pod/one\n0::/\n"
        let file = "/sys/fs/cgroup/memory/pod/one/memory.limit_in_bytes"
        let unlimited = "9223372036854771712\n"
        #expect(limit(group: group, mounts: Self.first, [file: "268435456\n"]) == 268_435_456)
        #expect(limit(group: group, mounts: Self.first, [file: unlimited]) == nil)
        let above = "/sys/fs/cgroup/memory/pod/memory.limit_in_bytes"
        #expect(limit(group: group, mounts: Self.first, [file: unlimited, above: "4096\n"]) == 4096)
        #expect(limit(group: group, mounts: Self.first, ["/sys/fs/cgroup/cpu/small/memory.limit_in_bytes": "1"]) == nil)
    }

    @Test("Where nothing can be read there is no limit")
    func missing() {
        #expect(ControlGroup.memoryLimit { _ in nil } == nil)
        #expect(limit(group: "0::/a\n", mounts: "", ["/sys/fs/cgroup/a/memory.max": "1"]) == nil)
        #expect(limit(group: "garbage\n\n:::", mounts: "1 2 - x\n-\n", [:]) == nil)
    }
}
