import Catalog
import Foundation
import Pipeline
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
    lines += ["", attainment]
    lines += core
    lines += troubles
    lines += places
    return lines.joined(separator: "\n")
  }

  // MARK: Table

  private var table: [String] {
    var lines = [
      row(
        "", "category", "read", "accepted", "unchanged", "returned", "pending", "held", "other",
        "达标率")
    ]
    var system = ""
    for line in outcome.lines {
      lines.append(
        row(line.system == system ? "" : line.system, "\(line.category) \(line.name)", line.balance)
      )
      system = line.system
    }
    lines.append(String(repeating: "─", count: 100))
    lines.append(row("", "total", outcome.total))
    return lines
  }

  private func row(_ system: String, _ name: String, _ balance: Balance) -> String {
    row(
      system, name, count(balance.read), count(balance.accepted), count(balance.unchanged),
      count(balance.returned), count(balance.pending), count(balance.held),
      count(balance.duplicate + balance.deleted), Terminal.percent(balance.attainment))
  }

  private func row(_ system: String, _ name: String, _ cells: String...) -> String {
    var text = Terminal.padded(system, 4) + Terminal.padded(fitted(name, 22), 23)
    let widths = [10, 10, 10, 10, 8, 8, 8, 9]
    for (cell, width) in zip(cells, widths) {
      text += Terminal.padded(cell, width, right: true)
    }
    return text
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

  private var attainment: String {
    let share = outcome.attainment
    let isMet = (share ?? 1) >= outcome.attainmentTarget
    return "达标率 \(Terminal.percent(share)) = accepted ÷ (accepted + returned), first submissions: "
      + "\(Terminal.grouped(outcome.total.acceptedFirst)) ÷ "
      + "\(Terminal.grouped(outcome.total.acceptedFirst + outcome.total.returnedFirst)); target "
      + "\(Terminal.percent(outcome.attainmentTarget)) "
      + Terminal.styled(isMet ? "met" : "missed", isMet ? "32" : "31")
  }

  private var core: [String] {
    CoreDomain.allCases.compactMap { domain in
      guard let count = outcome.core[domain], count.checked > 0 else { return nil }
      let name = catalog.coreDomains.first { $0.domain == domain }?.name ?? domain.rawValue
      let share = 1 - Double(count.failed) / Double(count.checked)
      return "核心数据准确率 \(name): \(Terminal.percent(share)) as delivered = 1 − "
        + "\(Terminal.grouped(count.failed)) ÷ \(Terminal.grouped(count.checked)) core values"
    }
  }

  private var troubles: [String] {
    var lines: [String] = []
    for delivery in outcome.deliveries where delivery.status == .held {
      let reason = delivery.reason.split(separator: "\n").joined(separator: "; ")
      lines.append(
        Terminal.styled("held", "31") + " \(delivery.system) \(delivery.fileName) "
          + "(delivery \(delivery.id)): \(reason)")
    }
    for delivery in outcome.deliveries where delivery.status == .repeated {
      lines.append("repeated \(delivery.system) \(delivery.fileName): \(delivery.reason)")
    }
    for delivery in outcome.deliveries where !delivery.drift.isEmpty && delivery.status != .held {
      let drift = delivery.drift.split(separator: "\n").joined(separator: "; ")
      lines.append("columns of \(delivery.fileName): \(drift)")
    }
    for system in outcome.missing {
      let name = catalog.system(system)?.name ?? ""
      lines.append(Terminal.styled("missing", "33") + " \(system) \(name) delivered nothing")
    }
    for (path, reason) in outcome.listing.unreadable {
      lines.append(Terminal.styled("unreadable", "31") + " \(path): \(reason)")
    }
    for (path, reason) in outcome.listing.waiting { lines.append("waiting \(path): \(reason)") }
    for (path, reason) in outcome.listing.unknown { lines.append("left \(path): \(reason)") }
    return lines.isEmpty ? [] : [""] + lines.flatMap(wrapped)
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
        return numbers
      },
      "held": outcome.deliveries.filter { $0.status == .held }.map { delivery in
        ["id": String(delivery.id), "file": delivery.fileName, "reason": delivery.reason]
      },
      "unreadable": outcome.listing.unreadable.map { ["path": $0.path, "reason": $0.reason] },
      "missing": outcome.missing, "attainmentTarget": outcome.attainmentTarget,
      "withinThresholds": outcome.isWithinThresholds,
    ]
    if let share = outcome.attainment { object["attainment"] = share }
    var core: [String: Any] = [:]
    for (domain, count) in outcome.core {
      core[domain.rawValue] = ["checked": count.checked, "failed": count.failed]
    }
    object["core"] = core
    return jsonText(object)
  }

  private func numbers(_ balance: Balance) -> [String: Any] {
    [
      "read": balance.read, "accepted": balance.accepted, "unchanged": balance.unchanged,
      "duplicate": balance.duplicate, "returned": balance.returned, "pending": balance.pending,
      "held": balance.held, "deleted": balance.deleted, "removed": balance.removed,
    ]
  }
}

/// One line of JSON with sorted keys.
func jsonText(_ object: Any) -> String {
  let data = try? JSONSerialization.data(
    withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
  return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
}
