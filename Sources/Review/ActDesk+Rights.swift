package import Access

/// What role and systems of an account allow, wherever somebody acts.
extension ActDesk {
  /// - Parameter system: Whose record, delivery or incident it is; nil where it is of none.
  /// - Throws: ``Denial``, which the caller writes to the access log.
  package static func checkRight(
    _ kind: ActKind, of system: String?, _ account: Account
  ) throws(Denial) {
    guard may(kind, account.role) else { throw role }
    if let system, !account.sees(system) { throw otherSystem }
  }

  static let otherSystem = Denial(
    "system", chinese: "这不属于您负责的系统", english: "it is of no system that is yours")
}
