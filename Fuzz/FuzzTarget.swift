import Glibc

/// What is fuzzed, chosen by the environment variable `FUZZ_TARGET`; libFuzzer calls the function below with each input.
enum FuzzTarget: String {
    case request
    case answer
    case chunks
    case table
    case delta

    static let chosen: FuzzTarget = {
        guard let name = unsafe getenv("FUZZ_TARGET"), let target = FuzzTarget(rawValue: unsafe String(cString: name))
        else { fatalError("FUZZ_TARGET is one of request, answer, chunks, table, delta") }
        return target
    }()

    func run(_ input: [UInt8]) {
        switch self {
        case .request: HeadFuzz.request(input)
        case .answer: HeadFuzz.answer(input)
        case .chunks: ChunkFuzz.run(input)
        case .table: TableFuzz.table(input)
        case .delta: TableFuzz.delta(input)
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.chosen.run(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
