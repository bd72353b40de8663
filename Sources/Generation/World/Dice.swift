/// A seeded source of choices: the same seed, purpose and index give the same choices anywhere.
///
/// SplitMix64. Every record has its own dice, so that record 7,000,000 is made without the ones
/// before.
struct Dice: Sendable {
  private var state: UInt64

  init(seed: UInt64, purpose: UInt64, index: Int) {
    var mixed = seed ^ (purpose &* 0x9E37_79B9_7F4A_7C15)
    mixed = Self.mix(mixed) ^ UInt64(bitPattern: Int64(index)) &* 0xD1B5_4A32_D192_ED03
    state = Self.mix(mixed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A number from 0 up to, not including, `limit`, which is at least 1.
  mutating func roll(_ limit: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(limit)).high)
  }

  /// A number of the range.
  mutating func roll(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + roll(range.upperBound - range.lowerBound + 1)
  }

  /// True in `percent` of a hundred cases.
  mutating func happens(_ percent: Int) -> Bool { roll(100) < percent }

  /// One of the choices, of which there is at least one.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[roll(choices.count)]
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
