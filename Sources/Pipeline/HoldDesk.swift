package import Warehouse

/// Takes what a person decides about deliveries that wait for one.
package struct HoldDesk {
  package enum Decision: String, Sendable, CaseIterable {
    /// The next run judges and loads it.
    case release
    /// Nothing of it is ever loaded.
    case reject
    /// Takes one of the others back: it waits again.
    case hold
  }

  private let engine: any WarehouseEngine

  package init(_ engine: any WarehouseEngine) { self.engine = engine }

  /// Decides about one delivery; see ``decide(_:deliveries:by:reason:recording:)``.
  ///
  /// - Returns: The delivery as it is now in the ledger.
  @discardableResult
  package func decide(
    _ decision: Decision, delivery id: Int64, by person: String, reason: String,
    recording: () throws -> Void
  ) throws -> DeliveryEntry {
    let entry = decided(try checked(decision, id), decision, by: person, reason: reason)
    try recording()
    try engine.update(entry)
    return entry
  }

  /// Decides about several deliveries, or about none where one of them does not take the decision, the access
  /// log does not take its entries, or the ledger stops in between.
  ///
  /// - Parameters:
  ///   - person: Stands in the ledger.
  ///   - reason: Likewise; line breaks become blanks, since the ledger has one reason a line.
  ///   - recording: Writes the entries of the access log, before anything happens to the deliveries.
  /// - Returns: The deliveries as they are now in the ledger.
  /// - Throws: ``StewardRefusal`` where one does not take the decision; what the warehouse throws.
  package func decide(
    _ decision: Decision, deliveries ids: [Int64], by person: String, reason: String,
    recording: ([Int64]) throws -> Void
  ) throws -> [DeliveryEntry] {
    let before = try ids.map { try checked(decision, $0) }
    let after = before.map { decided($0, decision, by: person, reason: reason) }
    try recording(ids)
    var settled = 0
    do {
      for entry in after {
        try engine.update(entry)
        settled += 1
      }
    } catch {
      // Whoever is told that it failed takes the others for undecided too.
      for entry in before.prefix(settled) { try? engine.update(entry) }
      throw error
    }
    return after
  }

  /// Whether a decision can be made about a delivery, as far as its own entry says.
  package static func takes(_ decision: Decision, _ entry: DeliveryEntry) -> Bool {
    switch decision {
    case .release, .reject: entry.status == .held
    case .hold: entry.status == .rejected || entry.status == .taken && entry.isReleased
    }
  }

  private func checked(_ decision: Decision, _ id: Int64) throws -> DeliveryEntry {
    guard let entry = try engine.delivery(id: id) else {
      throw StewardRefusal(code: .usage, message: "there is no delivery \(id)")
    }
    guard Self.takes(decision, entry) else {
      let wanted = decision == .hold ? "released for the next night or rejected" : "held"
      throw StewardRefusal(
        code: .usage, message: "delivery \(id) is \(entry.status.rawValue), not \(wanted)")
    }
    if decision == .hold, entry.status == .taken, let run = try engine.lastRun(),
      run.id == entry.run, run.status != .finished
    {
      // What it has read of the delivery so far lies in its work folder.
      throw StewardRefusal(
        code: .usage,
        message: "the night of \(run.night), which is not finished, has delivery \(id)")
    }
    return entry
  }

  /// A delivery as the decision leaves it.
  private func decided(
    _ known: DeliveryEntry, _ decision: Decision, by person: String, reason: String
  ) -> DeliveryEntry {
    var entry = known
    let words = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
    switch decision {
    case .release:
      let who = "\(DeliveryEntry.releasedPrefix) by \(person): \(words)"
      entry.status = .taken
      entry.reason = "\(who)\(Self.countMark(entry))\n\(entry.reason)"
      entry.balance = Balance()
    case .reject:
      entry.status = .rejected
      entry.reason = "rejected by \(person): \(words)\n\(entry.reason)"
    case .hold:
      let lines = entry.reason.split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      if entry.status == .taken {
        let count = Self.count(lines.first ?? "")
        entry.balance.read = count
        entry.balance.held = count
      }
      entry.status = .held
      entry.reason = lines.count > 1 ? String(lines[1]) : ""
    }
    return entry
  }

  /// Behind the words of a release: how many records waited, for a release that is taken back. A delivery
  /// on its way has no balance.
  private static func countMark(_ entry: DeliveryEntry) -> String {
    " (\(entry.balance.held) records)"
  }

  /// The number of ``countMark(_:)``; 0 behind what a release of an earlier version wrote.
  private static func count(_ line: Substring) -> Int {
    guard line.hasSuffix(" records)"), let open = line.lastIndex(of: "(") else { return 0 }
    return Int(line[line.index(after: open)...].dropLast(" records)".count)) ?? 0
  }

  /// Whether a held delivery has records that nobody can let pass; the definitions may have changed since.
  package static func isSecret(_ entry: DeliveryEntry) -> Bool {
    entry.reason.split(separator: "\n").contains { HoldReason(ledgerLine: $0)?.isSecret == true }
  }
}
