import Catalog
import Foundation
import Pipeline
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// A warehouse whose ledger is written by SQL: twelve systems, eighteen categories, many nights, with no
/// record behind them. What it holds is drawn from a seed.
final class SyntheticLedger {
  let folder: TemporaryFolder
  let catalog: Catalog
  let nights: [Int]
  var path: String { folder.path + "/warehouse/warehouse.sqlite" }

  /// Systems that deliver weekly; the others deliver every night.
  static let weekly = ["MNR": "weekly-sunday", "ARA": "weekly-saturday"]

  /// - Parameters:
  ///   - nights: Ends with `last`.
  ///   - isHostile: Names and reasons are those of somebody who wants to break the page.
  init(nights count: Int, last: String, isHostile: Bool = false, scale: Int = 1) throws {
    let pipeline = try TestPipeline.real.get()
    catalog = Self.connected(pipeline.catalog)
    folder = try TemporaryFolder("ledger")
    let day = try #require(CivilDate(last)).dayNumber
    nights = Array((day - count + 1)...day)
    let engine = try SQLiteWarehouse(folder: folder.path + "/warehouse", catalog: catalog)
    try engine.close()
    var writer = LedgerText(catalog: catalog, isHostile: isHostile, scale: scale)
    for night in nights { writer.write(night) }
    let result = try Program(
      "/usr/bin/env", ["sqlite3", path], input: Array(writer.text.utf8)
    ).wait()
    try #require(result.code == 0, "\(result.errorText)")
  }

  func reader() throws -> WarehouseReader {
    try WarehouseReader(folder: folder.path + "/warehouse")
  }

  func report(_ night: Int? = nil, inbox: InboxListing = InboxListing()) throws -> MorningReport {
    try MorningReport(
      try reader(), catalog: catalog, configuration: RunConfiguration(),
      night: CivilDate(dayNumber: night ?? nights[nights.count - 1]).description, inbox: inbox)
  }

  /// Rows of a query by another program.
  func rows(_ sql: String) throws -> [[String]] {
    let result = try Program(
      "/usr/bin/env", ["sqlite3", "-separator", "\u{1F}", path, sql]
    ).wait()
    try #require(result.code == 0, "\(result.errorText)")
    return result.outputLines.map {
      $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }
  }

  func run(_ sql: String) throws { _ = try rows(sql) }

  /// Every system gets an adapter: that of SAM, with its own cadence and all categories.
  private static func connected(_ catalog: Catalog) -> Catalog {
    var result = catalog
    guard let model = catalog.adapter("SAM") else { return catalog }
    result.adapters = catalog.systems.map { system in
      var adapter = model
      adapter.system = system.id
      adapter.cadence = weekly[system.id] ?? "nightly"
      return adapter
    }
    return result
  }
}

/// The statements that fill the ledger.
private struct LedgerText {
  let catalog: Catalog
  let isHostile: Bool
  let scale: Int
  var text = "PRAGMA synchronous = OFF;\nBEGIN;\n"
  private var random = SeededGenerator(seed: 7)
  private var run = 0
  private var delivery = 0

  static let hostileName =
    "</td><script>alert(1)</script>&amp;\"'\u{202E}\u{7}"
    + String(
      repeating: "长", count: 400)

  init(catalog: Catalog, isHostile: Bool, scale: Int) {
    self.catalog = catalog
    self.isHostile = isHostile
    self.scale = scale
  }

  private func literal(_ value: String) -> String {
    "'" + value.replacing("'", with: "''") + "'"
  }

  mutating func write(_ night: Int) {
    run += 1
    let date = CivilDate(dayNumber: night).description
    text += "INSERT INTO run VALUES (\(run), '\(date)', \(run), 'finished', 'abcdef0123456789');\n"
    text +=
      "INSERT INTO publication_night VALUES (\(run), '\(date)', \(run), '\(date)T05:31:07');\n"
    for system in catalog.systems {
      guard isDue(system.id, night) else { continue }
      for category in catalog.categories where Int.random(in: 0..<40, using: &random) > 0 {
        write(system.id, category.id, date)
      }
    }
    text += "UPDATE publication SET number = \(run);\nCOMMIT;\nBEGIN;\n"
  }

  /// HUD has not delivered for ten nights before the last; weekly systems on their day.
  private func isDue(_ system: String, _ night: Int) -> Bool {
    let date = CivilDate(dayNumber: night)
    if system == "HUD" { return date.day < 20 }
    if let cadence = SyntheticLedger.weekly[system] {
      return Cadence(cadence)?.isDue(night, last: night - 7) ?? true
    }
    return true
  }

  private mutating func write(_ system: String, _ category: String, _ date: String) {
    delivery += 1
    let read = Int.random(in: 20...2000, using: &random) * scale
    let isHeld = Int.random(in: 0..<60, using: &random) == 0
    let isUncounted = isHeld && Int.random(in: 0..<3, using: &random) == 0
    let shares = [0.0, 0.001, 0.005, 0.01, 0.03, 0.08]
    let share = shares[Int.random(in: 0..<shares.count, using: &random)]
    let unchanged = isHeld ? 0 : read / 3
    let duplicate = isHeld ? 0 : read / 200
    let deleted = isHeld ? 0 : read / 300
    let judged = isHeld ? 0 : read - unchanged - duplicate - deleted
    let returned = Int(Double(judged) * share)
    let accepted = judged - returned
    let again = returned / 10
    let name = isHostile ? LedgerText.hostileName : "\(category)_\(date).csv"
    let reason =
      !isHeld
      ? ""
      : isHostile
        ? "Q21 columns are missing: \(LedgerText.hostileName)\nQ15 <b>no such sentence</b>"
        : "Q15 16 of 40 records would be returned, more than 30 %"
    let hasDrift = !isHeld && Int.random(in: 0..<50, using: &random) == 0
    let drift = hasDrift ? "new (evolve): \(isHostile ? LedgerText.hostileName : "备注二")" : ""
    let counts = [
      isUncounted ? 0 : read, accepted, unchanged, duplicate, returned, 0,
      isHeld && !isUncounted ? read : 0, deleted, accepted, returned - again, 0,
    ].map(String.init).joined(separator: ", ")
    text += """
      INSERT INTO delivery VALUES (\(delivery), \(run), '\(system)', '\(category)', \(literal(name)),
        'c\(delivery)', 1000, '\(date.replacing("-", with: "/"))/\(system)/x', 0,
        '\(isHeld ? "held" : "loaded")', \(literal(reason)), 'utf-8', 'B\(delivery)', 1, 0, \(counts),
        \(literal(drift)));

      """
    guard !isHeld else { return }
    for (domain, checked) in [("food-safety", read * 2), ("work-safety", read)] {
      text += """
        INSERT INTO measure VALUES (\(delivery), 'core-checked', '\(domain)', '', '', \(checked)),
          (\(delivery), 'core-failed', '\(domain)', '', '', \(returned / 4)),
          (\(delivery), 'core-published-checked', '\(domain)', '', '', \(checked - returned)),
          (\(delivery), 'core-published-failed', '\(domain)', '', '', 0);

        """
    }
    writeFindings(category, min(returned, 12))
  }

  private mutating func writeFindings(_ category: String, _ count: Int) {
    guard count > 0, let known = catalog.category(category) else { return }
    for number in 1...count {
      let row = delivery << 32 | number
      let element = known.elements[number * number % known.elements.count].element
      let codes = ["Q11", "Q21", "Q24", "Q27"]
      let rules = catalog.rules(for: category)
      let severity = number % 5 == 0 ? "note" : "return"
      let values =
        number % 3 == 0 && !rules.isEmpty
        ? "'Q31', '\(rules[number % rules.count].id)', 1, NULL"
        : "'\(codes[number % 4])', '\(element.id).domain', 1, '\(element.identifier)'"
      text += """
        INSERT INTO finding VALUES (\(row), 1, \(run), \(values), '\(severity)', '机密内容', 'x', \(number),
          \(number + 1), 0);

        """
    }
  }
}
