/// SHA-256 (FIPS 180-4), for the manifests that a careful sender adds.
package enum SecureHash {
  private static let constants: [UInt32] = primes(64).map { fraction(of: $0, cubic: true) }
  private static let initial: [UInt32] = primes(8).map { fraction(of: $0, cubic: false) }

  /// 64 hexadecimal digits.
  package static func sha256(_ message: [UInt8]) -> String {
    var bytes = message
    bytes.append(0x80)
    while bytes.count % 64 != 56 { bytes.append(0) }
    let length = UInt64(message.count) * 8
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
    }
    var state = initial
    var schedule = [UInt32](repeating: 0, count: 64)
    for block in stride(from: 0, to: bytes.count, by: 64) {
      for word in 0..<16 {
        schedule[word] = bytes[block + word * 4..<block + word * 4 + 4].reduce(0) {
          $0 << 8 | UInt32($1)
        }
      }
      compress(&schedule, into: &state)
    }
    return state.map { word in
      (0..<4).map { Spelling.hexadecimal(word >> UInt32(24 - $0 * 8) & 0xFF) }.joined()
    }.joined()
  }

  private static func compress(_ schedule: inout [UInt32], into state: inout [UInt32]) {
    for word in 16..<64 {
      let (old, recent) = (schedule[word - 15], schedule[word - 2])
      let first = rotate(old, 7) ^ rotate(old, 18) ^ old >> 3
      let second = rotate(recent, 17) ^ rotate(recent, 19) ^ recent >> 10
      schedule[word] = schedule[word - 16] &+ first &+ schedule[word - 7] &+ second
    }
    var work = state
    for round in 0..<64 {
      let (e, a) = (work[4], work[0])
      let choice = e & work[5] ^ ~e & work[6]
      let majority = a & work[1] ^ a & work[2] ^ work[1] & work[2]
      let first = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let second = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let sum = work[7] &+ first &+ choice &+ constants[round] &+ schedule[round]
      work = [sum &+ second &+ majority, a, work[1], work[2], work[3] &+ sum, e, work[5], work[6]]
    }
    for index in 0..<8 { state[index] &+= work[index] }
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  private static func primes(_ count: Int) -> [Int] {
    var found: [Int] = []
    var candidate = 2
    while found.count < count {
      if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }

  /// The first 32 bits of the fraction of the square or cubic root of a prime, found by bisection.
  private static func fraction(of prime: Int, cubic: Bool) -> UInt32 {
    var low: UInt64 = 0
    var high: UInt64 = 32 << 32
    while high - low > 1 {
      let middle = (low + high) / 2
      if power(middle, cubic ? 3 : 2, isBelow: UInt64(prime)) {
        low = middle
      } else {
        high = middle
      }
    }
    return UInt32(truncatingIfNeeded: low)
  }

  /// Whether the fixed-point number `root` (32 binary places, below 32) to a power is below
  /// `limit`.
  private static func power(_ root: UInt64, _ exponent: Int, isBelow limit: UInt64) -> Bool {
    let square = root.multipliedFullWidth(by: root)
    guard exponent == 3 else { return square.high < limit }
    let low = square.low.multipliedFullWidth(by: root)
    return (square.high * root + low.high) >> 32 < limit
  }
}
