package import Warehouse

/// Takes what a person decides about a delivery that waits for one.
package struct HoldDesk {
  package enum Decision: String, Sendable, CaseIterable {
    /// The next run judges and loads it.
    case release
    /// Nothing of it is ever loaded.
    case reject
  }

  private let engine: any WarehouseEngine

  package init(_ engine: any WarehouseEngine) { self.engine = engine }

  /// - Parameters:
  ///   - person: Stands in the ledger.
  ///   - reason: Likewise; line breaks become blanks, since the ledger has one reason a line.
  ///   - recording: Writes the entry of the access log, before anything happens.
  /// - Returns: The delivery as it is now in the ledger.
  /// - Throws: ``StewardRefusal`` where it does not wait; what the warehouse throws.
  @discardableResult
  package func decide(
    _ decision: Decision, delivery id: Int64, by person: String, reason: String,
    recording: () throws -> Void
  ) throws -> DeliveryEntry {
    guard var entry = try engine.delivery(id: id) else {
      throw StewardRefusal(code: .usage, message: "there is no delivery \(id)")
    }
    guard entry.status == .held else {
      throw StewardRefusal(
        code: .usage, message: "delivery \(id) is \(entry.status.rawValue), not held")
    }
    let words = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
    switch decision {
    case .release:
      entry.status = .taken
      entry.reason = "\(DeliveryEntry.releasedPrefix) by \(person): \(words)\n\(entry.reason)"
      entry.balance = Balance()
    case .reject:
      entry.status = .rejected
      entry.reason = "rejected by \(person): \(words)\n\(entry.reason)"
    }
    try recording()
    try engine.update(entry)
    return entry
  }

  /// Whether a held delivery has records that nobody can let pass; the definitions may have changed since.
  package static func isSecret(_ entry: DeliveryEntry) -> Bool {
    entry.reason.split(separator: "\n").contains { HoldReason(ledgerLine: $0)?.isSecret == true }
  }
}
