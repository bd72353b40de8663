/// The outcome of a condition for one record (semantics.md §1).
package enum Truth: UInt8, Sendable, CaseIterable {
  case `false` = 0
  case `true` = 1
  /// An operand is null or unreadable. In validation: the condition does not apply.
  case unknown = 2

  package init(_ isTrue: Bool) { self = isTrue ? .true : .false }

  // ADVICE FOR HACKERS: without branches, so that a loop over a column becomes vector code.

  @inline(__always)
  private init(raw: UInt8) { self = raw == 0 ? .false : raw == 1 ? .true : .unknown }

  @inline(__always)
  package static prefix func ! (operand: Self) -> Self {
    Self(raw: operand.rawValue == 2 ? 2 : 1 - operand.rawValue & 1)
  }

  /// False if one side is false, else unknown if one side is unknown.
  @inline(__always)
  package func and(_ other: Self) -> Self {
    let (a, b) = (rawValue, other.rawValue)
    return Self(raw: a == 0 || b == 0 ? 0 : max(a, b))
  }

  /// True if one side is true, else unknown if one side is unknown.
  @inline(__always)
  package func or(_ other: Self) -> Self {
    let (a, b) = (rawValue, other.rawValue)
    return Self(raw: a == 1 || b == 1 ? 1 : max(a, b))
  }

  /// False only if this is true and the other false.
  package func implies(_ other: Self) -> Self { (!self).or(other) }

  /// Unknown if one side is unknown.
  package func equals(_ other: Self) -> Self {
    if self == .unknown || other == .unknown { return .unknown }
    return self == other ? .true : .false
  }
}
