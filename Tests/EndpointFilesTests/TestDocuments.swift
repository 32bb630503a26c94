/// The `endpoint` document of a test, with one variant unless others are given.
func document(
    name: String = "fraud", spec: String = "",
    variants: String = "    - { name: champion, model: fraud/12, traffic: 100 }\n"
) -> String {
    """
    apiVersion: turnout/v1
    kind: Endpoint
    metadata: { name: \(name) }
    spec:
      backends: ["http://fraud-v{version}.internal:8080"]

    """ + spec + "  variants:\n" + variants
}

/// A generator whose sequence depends on its seed alone (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
