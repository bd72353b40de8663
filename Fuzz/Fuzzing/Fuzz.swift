import Glibc

/// What is fuzzed; one of them in each process, named by the variable `FUZZ` of the environment.
enum FuzzTarget: String, CaseIterable {
  case csv
  case json
  case xml
  case encoding
  case values
  case expressions
  case definitions

  static let chosen: FuzzTarget = {
    guard let name = unsafe getenv("FUZZ"),
      let target = unsafe FuzzTarget(rawValue: String(cString: name))
    else { preconditionFailure("FUZZ names one of \(allCases.map(\.rawValue))") }
    return target
  }()

  func run(_ input: FuzzInput) {
    switch self {
    case .csv: CSVFuzzing.run(input)
    case .json: JSONFuzzing.run(input)
    case .xml: XMLFuzzing.run(input)
    case .encoding: EncodingFuzzing.run(input)
    case .values: ValueFuzzing.run(input)
    case .expressions: ExpressionFuzzing.run(input)
    case .definitions: DefinitionFuzzing.run(input)
    }
  }
}

/// Called by libFuzzer with every input it makes.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  FuzzTarget.chosen.run(FuzzInput(input))
  return 0
}

/// Two bytes that choose how a text is read, and the text.
struct FuzzInput {
  /// Bits that choose dialects, shapes and limits.
  let options: UInt8
  let bytes: [UInt8]
  /// Where ``bytes`` are cut in two.
  let cut: Int
  /// One more bit that chooses, since every reading costs.
  let isOdd: Bool

  init(_ input: [UInt8]) {
    options = input.first ?? 0
    bytes = Array(input.dropFirst(2))
    cut = input.count < 2 ? 0 : Int(input[1]) * (bytes.count + 1) / 256
    isOdd = input.count > 1 && input[1] & 1 == 1
  }

  func has(_ bit: Int) -> Bool { options >> UInt8(bit) & 1 == 1 }
}

/// Ends the process, and with it the input is kept, unless `condition` holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
  guard !condition else { return }
  let text = Array("BROKEN: \(message())\n".utf8)
  _ = unsafe text.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  abort()
}
