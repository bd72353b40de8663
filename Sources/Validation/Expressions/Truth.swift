/// The outcome of a condition for one record (semantics.md §1).
package enum Truth: UInt8, Sendable, CaseIterable {
  case `false` = 0
  case `true` = 1
  /// An operand is null or unreadable. In validation: the condition does not apply.
  case unknown = 2

  package init(_ isTrue: Bool) { self = isTrue ? .true : .false }

  package static prefix func ! (operand: Self) -> Self {
    operand == .unknown ? .unknown : operand == .true ? .false : .true
  }

  /// False if one side is false, else unknown if one side is unknown.
  package func and(_ other: Self) -> Self {
    if self == .false || other == .false { return .false }
    return self == .true && other == .true ? .true : .unknown
  }

  /// True if one side is true, else unknown if one side is unknown.
  package func or(_ other: Self) -> Self {
    if self == .true || other == .true { return .true }
    return self == .false && other == .false ? .false : .unknown
  }

  /// False only if this is true and the other false.
  package func implies(_ other: Self) -> Self { (!self).or(other) }

  /// Unknown if one side is unknown.
  package func equals(_ other: Self) -> Self {
    if self == .unknown || other == .unknown { return .unknown }
    return self == other ? .true : .false
  }
}
