import Catalog
import Foundation
import Pipeline
import Validation
import Warehouse

/// The end of a run, on one screen of 100 columns.
struct OutcomeScreen {
  private let outcome: RunOutcome
  private let catalog: Catalog

  init(_ outcome: RunOutcome, _ catalog: Catalog) {
    self.outcome = outcome
    self.catalog = catalog
  }

  var text: String {
    var lines = [
      "",
      Terminal.styled(
        "清源 Qingyuan · night \(outcome.run.night) · publication \(outcome.run.publication)", "1"),
      "",
    ]
    lines += table
    lines += [""] + (attainment + core).flatMap { $0.hasPrefix(" ") ? [$0] : wrapped($0) }
    lines += troubles
    lines += places
    return lines.joined(separator: "\n")
  }

  // MARK: Table

  private struct Row {
    var system: String
    var name: String
    var cells: [String]
  }

  private var table: [String] {
    var rows = [
      Row(
        system: "", name: "category",
        cells: [
          "read", "accepted", "unchanged", "returned", "pending", "held", "other", "达标率",
        ])
    ]
    var system = ""
    for line in outcome.lines {
      rows.append(
        row(
          line.system == system ? "" : line.system, "\(line.category) \(line.name)", line.balance,
          uncounted: line.uncounted))
      system = line.system
    }
    rows.append(
      row(
        "", "total", outcome.total, uncounted: outcome.lines.reduce(0) { $0 + $1.uncounted }))
    let (name, widths) = Self.layout(rows)
    var lines = rows.map { row in
      var text = Terminal.padded(row.system, 4) + Terminal.padded(fitted(row.name, name - 1), name)
      for (cell, width) in zip(row.cells, widths) {
        text += Terminal.padded(cell, width, right: true)
      }
      return text
    }
    lines.insert(String(repeating: "─", count: 100), at: lines.count - 1)
    if outcome.lines.contains(where: { $0.uncounted > 0 }) {
      lines.append("    – and + : with deliveries that were held before their records were counted")
    }
    return lines
  }

  /// Columns that the name and every cell take: 100 together up to tens of millions of records in every
  /// column. Numbers never touch each other: wide ones take the room of the others first, then of the
  /// name.
  private static func layout(_ rows: [Row]) -> (name: Int, widths: [Int]) {
    var widths = [10, 10, 10, 10, 8, 8, 8, 9]
    let needed = widths.indices.map { column in
      1 + (rows.map { Terminal.width($0.cells[column]) }.max() ?? 0)
    }
    widths = zip(widths, needed).map(max)
    var excess = 4 + 23 + widths.reduce(0, +) - 100
    for column in widths.indices where excess > 0 {
      let given = min(excess, widths[column] - needed[column])
      widths[column] -= given
      excess -= given
    }
    return (max(9, 23 - max(0, excess)), widths)
  }

  private func row(
    _ system: String, _ name: String, _ balance: Balance, uncounted: Int
  ) -> Row {
    // What is known is the least that it can be.
    func atLeast(_ number: Int) -> String {
      guard uncounted > 0 else { return count(number) }
      return number == 0 ? "–" : Terminal.grouped(number) + "+"
    }
    return Row(
      system: system, name: name,
      cells: [
        atLeast(balance.read), count(balance.accepted), count(balance.unchanged),
        count(balance.returned), count(balance.pending), atLeast(balance.held),
        count(balance.duplicate + balance.deleted), Terminal.percent(balance.attainment),
      ])
  }

  private func count(_ number: Int) -> String { number == 0 ? "·" : Terminal.grouped(number) }

  private func fitted(_ text: String, _ columns: Int) -> String {
    guard Terminal.width(text) > columns else { return text }
    var result = ""
    for character in text {
      if Terminal.width(result + String(character)) >= columns { break }
      result.append(character)
    }
    return result + "…"
  }

  // MARK: Below the table

  private var attainment: [String] {
    let below = outcome.linesBelowTarget
    let target = Terminal.percent(outcome.attainmentTarget)
    let verdict =
      below.isEmpty
      ? Terminal.styled("met", "32")
      : Terminal.styled("missed", "31") + " by \(below.count) of "
        + "\(outcome.lines.count { $0.balance.attainment != nil }) categories"
    let year = outcome.run.night.prefix(4)
    var lines = [
      "达标率 \(Terminal.percent(outcome.attainment)) = accepted ÷ (accepted + returned), first "
        + "submissions: \(share(outcome.total)); target \(target) \(verdict)",
      "     \(leftOut(outcome.total))",
      "达标率 \(Terminal.percent(outcome.yearToDate.attainment)) in \(year) to date: "
        + share(outcome.yearToDate),
      "     \(leftOut(outcome.yearToDate))",
    ]
    for line in below {
      lines.append(
        "below \(target): \(line.system) \(line.category) \(line.name) "
          + "\(Terminal.percent(line.balance.attainment)) = \(share(line.balance)); "
          + "\(Terminal.percent(line.yearToDate.attainment)) in \(year) to date")
    }
    return lines
  }

  private func share(_ balance: Balance) -> String {
    "\(Terminal.grouped(balance.acceptedFirst)) ÷ "
      + Terminal.grouped(balance.acceptedFirst + balance.returnedFirst)
  }

  private func leftOut(_ balance: Balance) -> String {
    "left out: \(Terminal.grouped(balance.unchanged)) unchanged, "
      + "\(Terminal.grouped(balance.duplicate)) duplicates, "
      + "\(Terminal.grouped(balance.resubmitted)) resubmissions, "
      + "\(Terminal.grouped(balance.deleted)) deletions"
  }

  private var core: [String] {
    CoreDomain.allCases.flatMap { domain -> [String] in
      let name = catalog.coreDomains.first { $0.domain == domain }?.name ?? domain.rawValue
      var lines: [String] = []
      if let count = outcome.coreDelivered[domain] {
        lines.append("核心数据准确率 \(name): \(share(count, "as delivered"))")
      }
      if let count = outcome.corePublished[domain] {
        let isMissed = outcome.domainsBelowTarget.contains(domain)
        lines.append(
          "核心数据准确率 \(name): \(share(count, "as published")); target "
            + "\(Terminal.percent(outcome.coreAccuracyTarget)) "
            + Terminal.styled(isMissed ? "missed" : "met", isMissed ? "31" : "32"))
      }
      return lines
    }
  }

  private func share(_ count: CoreAccuracy.Count, _ what: String) -> String {
    "\(Terminal.percent(count.accuracy)) \(what) = 1 − \(Terminal.grouped(count.failed)) ÷ "
      + "\(Terminal.grouped(count.checked)) core values"
  }

  private var troubles: [String] {
    var lines: [String] = []
    for delivery in outcome.deliveries where delivery.status == .held {
      let reason = delivery.reason.split(separator: "\n").joined(separator: "; ")
      lines.append(
        Terminal.styled("held", "31") + " \(delivery.system) \(delivery.fileName) "
          + "(delivery \(delivery.id)): \(reason)")
    }
    if outcome.waiting != .init(published: 0, returned: 0, open: 0) {
      lines.append(
        "pending: \(outcome.waiting.open) records wait for others; "
          + "\(outcome.waiting.published) that waited are shown now, "
          + "\(outcome.waiting.returned) go back")
    }
    for delivery in outcome.deliveries {
      guard let count = outcome.withheld[delivery.id] else { continue }
      lines.append(
        Terminal.styled("withheld", "31") + " \(delivery.system) \(delivery.fileName) (delivery "
          + "\(delivery.id)): \(Terminal.grouped(count)) accepted records are not published, their "
          + "core values as stored are not accurate; check the disk and deliver them again")
    }
    for delivery in outcome.deliveries where delivery.status == .repeated {
      lines.append("repeated \(delivery.system) \(delivery.fileName): \(delivery.reason)")
    }
    for delivery in outcome.deliveries where !delivery.drift.isEmpty && delivery.status != .held {
      let drift = delivery.drift.split(separator: "\n").joined(separator: "; ")
      lines.append("columns of \(delivery.fileName): \(drift)")
    }
    lines += missing
    for (path, reason) in outcome.listing.unreadable {
      lines.append(Terminal.styled("unreadable", "31") + " \(path): \(reason)")
    }
    for (path, reason) in outcome.listing.waiting { lines.append("waiting \(path): \(reason)") }
    for (path, reason) in outcome.listing.unknown { lines.append("left \(path): \(reason)") }
    return lines.isEmpty ? [] : [""] + lines.flatMap(wrapped)
  }

  private var missing: [String] {
    var systems: [String] = []
    for entry in outcome.missingCategories where !systems.contains(entry.system) {
      systems.append(entry.system)
    }
    return systems.map { system in
      let word = Terminal.styled("missing", "33")
      guard !outcome.missing.contains(system) else {
        return "\(word) \(system) \(catalog.system(system)?.name ?? "") delivered nothing"
      }
      let names = outcome.missingCategories.filter { $0.system == system }.map {
        "\($0.category) \($0.name)"
      }
      return "\(word) \(system): \(names.joined(separator: ", "))"
    }
  }

  /// Lines of at most 100 columns, the later ones indented.
  private func wrapped(_ line: String) -> [String] {
    var lines: [String] = []
    var current = ""
    for word in line.split(separator: " ", omittingEmptySubsequences: false) {
      let isFull = Terminal.width(current) + 1 + Terminal.width(String(word)) > 100
      if isFull, !current.trimmingCharacters(in: .whitespaces).isEmpty {
        lines.append(current)
        current = "     " + word
      } else {
        current += (current.isEmpty ? "" : " ") + word
      }
    }
    return lines + [current]
  }

  private var places: [String] {
    [
      "", "warehouse  \(outcome.home.warehouse)/warehouse.sqlite",
      "returns    \(outcome.home.returns)", "archive    \(outcome.home.archive)",
      "report     \(outcome.home.report)/\(outcome.run.night).txt, .json",
    ]
  }

  // MARK: JSON

  var json: String {
    var object: [String: Any] = [
      "run": outcome.run.id, "night": outcome.run.night,
      "publication": outcome.run.publication, "total": numbers(outcome.total),
      "lines": outcome.lines.map { line -> [String: Any] in
        var numbers: [String: Any] = numbers(line.balance)
        numbers["system"] = line.system
        numbers["category"] = line.category
        numbers["uncountedDeliveries"] = line.uncounted
        if let share = line.balance.attainment { numbers["attainment"] = share }
        if let share = line.yearToDate.attainment { numbers["attainmentYearToDate"] = share }
        return numbers
      },
      "held": outcome.deliveries.filter { $0.status == .held }.map { delivery in
        ["id": String(delivery.id), "file": delivery.fileName, "reason": delivery.reason]
      },
      "unreadable": outcome.listing.unreadable.map { ["path": $0.path, "reason": $0.reason] },
      "missing": outcome.missing,
      "missingCategories": outcome.missingCategories.map {
        ["system": $0.system, "category": $0.category]
      },
      "belowTarget": outcome.linesBelowTarget.map {
        ["system": $0.system, "category": $0.category]
      },
      "yearToDate": numbers(outcome.yearToDate), "attainmentTarget": outcome.attainmentTarget,
      "withinThresholds": outcome.isWithinThresholds,
    ]
    if let share = outcome.attainment { object["attainment"] = share }
    if let share = outcome.yearToDate.attainment { object["attainmentYearToDate"] = share }
    object["core"] = numbers(outcome.coreDelivered)
    object["corePublished"] = numbers(outcome.corePublished)
    object["coreAccuracyTarget"] = outcome.coreAccuracyTarget
    object["waiting"] = [
      "published": outcome.waiting.published, "returned": outcome.waiting.returned,
      "open": outcome.waiting.open,
    ]
    object["withheld"] = outcome.deliveries.compactMap { delivery -> [String: Any]? in
      outcome.withheld[delivery.id].map {
        ["delivery": delivery.id, "file": delivery.fileName, "records": $0]
      }
    }
    return jsonText(object)
  }

  private func numbers(_ core: [CoreDomain: CoreAccuracy.Count]) -> [String: Any] {
    var object: [String: Any] = [:]
    for (domain, count) in core {
      object[domain.rawValue] = ["checked": count.checked, "failed": count.failed]
    }
    return object
  }

  private func numbers(_ balance: Balance) -> [String: Any] {
    [
      "read": balance.read, "accepted": balance.accepted, "unchanged": balance.unchanged,
      "duplicate": balance.duplicate, "returned": balance.returned, "pending": balance.pending,
      "held": balance.held, "deleted": balance.deleted, "removed": balance.removed,
      "acceptedFirst": balance.acceptedFirst, "returnedFirst": balance.returnedFirst,
      "resubmitted": balance.resubmitted,
    ]
  }
}

/// One line of JSON with sorted keys.
func jsonText(_ object: Any) -> String {
  let data = try? JSONSerialization.data(
    withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
  return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
}
