import Catalog
import Foundation
import Pipeline
import Records
import Validation
import Warehouse

/// The end of a run, on one screen of 100 columns.
struct OutcomeScreen {
  private let outcome: RunOutcome
  private let catalog: Catalog

  /// One line per category, however many there are.
  private let showsDetails: Bool

  init(_ outcome: RunOutcome, _ catalog: Catalog, showsDetails: Bool = false) {
    self.outcome = outcome
    self.catalog = catalog
    self.showsDetails = showsDetails
  }

  var text: String {
    var lines = [
      "",
      Terminal.styled(
        "清源 Qingyuan · night \(outcome.run.night) · publication \(outcome.run.publication)", "1"),
      "",
    ]
    lines += table
    lines += [""] + (attainment + core).flatMap(wrapped)
    lines += troubles
    lines += places
    return lines.joined(separator: "\n")
  }

  /// More lines than this are one line per system, with the categories that need attention below it.
  private static let mostLines = 24
  /// Categories shown below a system, and lines of one kind below the table.
  private static let mostCategories = 3
  private static let mostTroubles = 24
  /// Rules named in the line of conflicts.
  private static let mostRules = 5

  private var isSummary: Bool { !showsDetails && outcome.lines.count > Self.mostLines }

  // MARK: Table

  private struct Row {
    var system: String
    var name: String
    var cells: [String]
  }

  private var table: [String] {
    var rows = [
      Row(
        system: "", name: isSummary ? "system" : "category",
        cells: [
          "read", "accepted", "unchanged", "returned", "pending", "held", "other", "达标率",
        ])
    ]
    rows += isSummary ? systemRows : categoryRows
    rows.append(
      row(
        "", "total", outcome.total, uncounted: outcome.lines.reduce(0) { $0 + $1.uncounted }))
    var (name, widths) = Self.layout(rows)
    if 4 + name + widths.reduce(0, +) > 100 {
      // Billions in every column: they fit without their commas.
      for index in rows.indices {
        rows[index].cells = rows[index].cells.map { $0.replacing(",", with: "") }
      }
      (name, widths) = Self.layout(rows)
    }
    var lines = rows.map { row in
      guard !row.cells.isEmpty else { return "    " + row.name }
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

  private var categoryRows: [Row] {
    var system = ""
    return outcome.lines.map { line in
      defer { system = line.system }
      return row(
        line.system == system ? "" : line.system, "\(line.category) \(line.name)", line.balance,
        uncounted: line.uncounted)
    }
  }

  /// Systems, and below each the categories that miss the target or wait for a person, worst first.
  private var systemRows: [Row] {
    var systems: [String] = []
    for line in outcome.lines where systems.last != line.system { systems.append(line.system) }
    return systems.flatMap { system -> [Row] in
      let own = outcome.lines.filter { $0.system == system }
      let balance = own.reduce(into: Balance()) { $0 += $1.balance }
      let concerns = own.filter {
        ($0.balance.attainment ?? 1) < outcome.attainmentTarget || $0.balance.held > 0
          || $0.uncounted > 0
      }.sorted {
        ($0.balance.attainment ?? 1, $0.category) < ($1.balance.attainment ?? 1, $1.category)
      }
      let shown = concerns.prefix(Self.mostCategories)
      let rest = concerns.count - shown.count
      return [
        row(
          system, catalog.system(system)?.name ?? "", balance,
          uncounted: own.reduce(0) { $0 + $1.uncounted })
      ]
        + shown.map {
          row("", "- \($0.category) \($0.name)", $0.balance, uncounted: $0.uncounted)
        }
        + (rest > 0
          ? [
            Row(
              system: "",
              name: "- and \(rest) more \(rest == 1 ? "category" : "categories"), see --details",
              cells: [])
          ]
          : [])
    }
  }

  /// Columns that the name and every cell take: 100 together up to tens of millions of records in every
  /// column. Numbers never touch each other: wide ones take the room of the others first, then of the
  /// name.
  private static func layout(_ rows: [Row]) -> (name: Int, widths: [Int]) {
    var widths = [10, 10, 10, 10, 8, 8, 8, 9]
    let needed = widths.indices.map { column in
      1 + (rows.filter { !$0.cells.isEmpty }.map { Terminal.width($0.cells[column]) }.max() ?? 0)
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
    let judged = outcome.lines.count { $0.balance.attainment != nil }
    let verdict =
      if judged == 0 {
        "not judged"
      } else if below.isEmpty {
        Terminal.styled("met", "32")
      } else {
        Terminal.styled("missed", "31") + " by \(below.count) of \(judged) categories"
      }
    let year = outcome.run.night.prefix(4)
    var lines = [
      "达标率 \(Terminal.percent(outcome.attainment)) = accepted ÷ (accepted + returned), first "
        + "submissions: \(share(outcome.total)); target \(target) \(verdict)",
      "     \(leftOut(outcome.total))",
      "达标率 \(Terminal.percent(outcome.yearToDate.attainment)) in \(year) to date: "
        + share(outcome.yearToDate),
      "     \(leftOut(outcome.yearToDate))",
    ]
    guard !isSummary else { return lines }
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
    let lines = [held, pending, conflicts, subjects, withheld, repeated, drift, missing, files]
      .flatMap(
        capped)
    return lines.isEmpty ? [] : [""] + lines.flatMap(wrapped)
  }

  /// Lines of one kind: all of them where the categories are shown too.
  private func capped(_ lines: [String]) -> [String] {
    guard isSummary, lines.count > Self.mostTroubles else { return lines }
    let rest = lines.count - Self.mostTroubles
    return lines.prefix(Self.mostTroubles) + ["     and \(rest) more, see --details"]
  }

  private var held: [String] {
    outcome.deliveries.filter { $0.status == .held }.map { delivery in
      let reason = delivery.reason.split(separator: "\n").joined(separator: "; ")
      return Terminal.styled("held", "31") + " \(delivery.system) \(delivery.fileName) "
        + "(delivery \(delivery.id)): \(reason)"
    }
  }

  private var pending: [String] {
    guard outcome.waiting != .init(published: 0, returned: 0, open: 0) else { return [] }
    return [
      "pending: \(outcome.waiting.open) records wait for others; "
        + "\(outcome.waiting.published) that waited are shown now, "
        + "\(outcome.waiting.returned) go back"
    ]
  }

  /// What differs from owners: the sum, and its causes in their order of size.
  private var conflicts: [String] {
    let sums = outcome.conflicts
    guard !sums.isEmpty else { return [] }
    func sum(_ count: (ConflictSum) -> Int, _ rule: String? = nil) -> Int {
      sums.filter { rule == nil || $0.rule == rule }.reduce(0) { $0 + count($1) }
    }
    let rules = Set(sums.map(\.rule)).map { ($0, sum(\.standing, $0)) }.filter { $0.1 > 0 }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    let shown = rules.prefix(Self.mostRules).map { rule, count in
      let systems = sums.filter { $0.rule == rule && $0.standing > 0 }.map(\.system)
      return "\(rule) \(Terminal.grouped(count)) (\(systems.joined(separator: ", ")))"
    }
    let rest = rules.count - shown.count
    let list = shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more rules" : "")
    return [
      "conflicts: \(Terminal.grouped(sum(\.standing))) values differ from their owners' (Q34), "
        + "\(Terminal.grouped(sum(\.new))) new, \(Terminal.grouped(sum(\.settled))) settled"
        + (list.isEmpty ? "" : ": \(list)")
    ]
  }

  /// Which registrations the subjects of tonight's records are.
  private var subjects: [String] {
    let tally = outcome.subjects
    guard tally.total > 0 else { return [] }
    func count(_ knowledge: SubjectKnowledge) -> String { Terminal.grouped(tally[knowledge]) }
    let confirmed = tally[.person] > 0 ? ", \(count(.person)) by a person" : ""
    return [
      "subjects: \(count(.code)) records are linked by code, \(count(.number)) by number and name"
        + "\(confirmed); \(count(.candidates)) have candidates and wait for a person (qingyuan match "
        + "list), of \(count(.unknown)) nothing is known"
    ]
  }

  private var withheld: [String] {
    outcome.deliveries.compactMap { delivery in
      guard let count = outcome.withheld[delivery.id] else { return nil }
      return Terminal.styled("withheld", "31")
        + " \(delivery.system) \(delivery.fileName) (delivery "
        + "\(delivery.id)): \(Terminal.grouped(count)) accepted records are not published, their "
        + "core values as stored are not accurate; check the disk and deliver them again"
    }
  }

  private var repeated: [String] {
    outcome.deliveries.filter { $0.status == .repeated }.map {
      "repeated \($0.system) \($0.fileName): \($0.reason)"
    }
  }

  private var drift: [String] {
    outcome.deliveries.filter { !$0.drift.isEmpty && $0.status != .held }.map { delivery in
      let drift = delivery.drift.split(separator: "\n").joined(separator: "; ")
      return "columns of \(delivery.fileName): \(drift)"
    }
  }

  private var files: [String] {
    outcome.listing.unreadable.map {
      Terminal.styled("unreadable", "31") + " \($0.path): \($0.reason)"
    }
      + outcome.listing.waiting.map { "waiting \($0.path): \($0.reason)" }
      + outcome.listing.unknown.map { "left \($0.path): \($0.reason)" }
  }

  private var missing: [String] {
    var systems: [String] = []
    for entry in outcome.missingCategories where !systems.contains(entry.system) {
      systems.append(entry.system)
    }
    return systems.map { system in
      let word = Terminal.styled("missing", "33")
      let own = outcome.missingCategories.filter { $0.system == system }
      guard !outcome.missing.contains(system) else {
        return "\(word) \(system) \(catalog.system(system)?.name ?? "") delivered nothing"
          + overdue(own)
      }
      var groups: [(days: Int, entries: [RunOutcome.Missing])] = []
      for entry in own {
        let days = entry.workingDays ?? 0
        if let index = groups.firstIndex(where: { $0.days == days }) {
          groups[index].entries.append(entry)
        } else {
          groups.append((days, [entry]))
        }
      }
      let texts = groups.map { group in
        group.entries.map { isSummary ? $0.category : "\($0.category) \($0.name)" }
          .joined(separator: ", ") + overdue(group.entries)
      }
      return "\(word) \(system): \(texts.joined(separator: "; "))"
    }
  }

  /// `, up to 3 working days overdue`; nothing in the night in which they were due.
  private func overdue(_ entries: [RunOutcome.Missing]) -> String {
    let days = entries.compactMap(\.workingDays)
    guard let most = days.max(), most > 0 else { return "" }
    let isSame = days.count == entries.count && days.allSatisfy { $0 == most }
    return " (\(isSame ? "" : "up to ")\(most) working \(most == 1 ? "day" : "days") overdue)"
  }

  /// Lines of at most 100 columns, the later ones indented.
  private func wrapped(_ line: String) -> [String] {
    var lines: [String] = []
    var current = String(line.prefix { $0 == " " })
    for word in line.dropFirst(current.count).split(
      separator: " ", omittingEmptySubsequences: false)
    {
      let isBlank = current.allSatisfy { $0 == " " }
      if !isBlank, Terminal.width(current) + 1 + Terminal.width(String(word)) > 100 {
        lines.append(current)
        current = "     " + word
      } else {
        current += (isBlank ? "" : " ") + word
      }
    }
    return lines + [current]
  }

  private var places: [String] {
    [
      "", "warehouse  \(outcome.home.warehouse)/warehouse.sqlite",
    ]
      + (catalog.sharing == nil
        ? []
        : ["tiers      \(outcome.home.tiers)/public.sqlite, shared.sqlite"]
          + outcome.tiers.map { "           \($0.short)" })
      + [
        "returns    \(outcome.home.returns)", "archive    \(outcome.home.archive)",
        "report     \(outcome.home.report)/\(outcome.run.night).html, .txt, .json",
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
      "held": outcome.deliveries.filter { $0.status == .held }.map(object),
      "unreadable": outcome.listing.unreadable.map { ["path": $0.path, "reason": $0.reason] },
      "missing": outcome.missing,
      "missingCategories": outcome.missingCategories.map(object),
      "timeliness": outcome.timeliness.map(object),
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
    object["conflicts"] = outcome.conflicts.map {
      [
        "rule": $0.rule, "system": $0.system, "standing": $0.standing, "new": $0.new,
        "settled": $0.settled,
      ] as [String: Any]
    }
    object["subjects"] = Dictionary(
      uniqueKeysWithValues: SubjectKnowledge.allCases.map { ($0.rawValue, outcome.subjects[$0]) })
    object["withheld"] = outcome.deliveries.compactMap { delivery -> [String: Any]? in
      outcome.withheld[delivery.id].map {
        ["delivery": delivery.id, "file": delivery.fileName, "records": $0]
      }
    }
    return jsonText(object)
  }

  private func object(_ delivery: DeliveryEntry) -> [String: Any] {
    let reasons = delivery.reason.split(separator: "\n").compactMap {
      HoldReason(ledgerLine: $0)
    }
    return [
      "id": String(delivery.id), "file": delivery.fileName, "reason": delivery.reason,
      "reasons": reasons.map {
        [
          "code": $0.code.rawValue, "kind": $0.kind.rawValue, "message": $0.message,
          "messageChinese": $0.chinese, "advice": $0.kind.adviceEnglish,
          "adviceChinese": $0.kind.adviceChinese,
        ]
      },
    ]
  }

  private func object(_ missing: RunOutcome.Missing) -> [String: Any] {
    var object: [String: Any] = [
      "system": missing.system, "category": missing.category, "since": missing.since,
    ]
    object["workingDaysOverdue"] = missing.workingDays
    return object
  }

  private func object(_ entry: Timeliness) -> [String: Any] {
    var object: [String: Any] = [
      "system": entry.system, "category": entry.category, "cadence": entry.cadence,
      "state": entry.state.rawValue,
    ]
    object["expected"] = entry.expected.map { CivilDate(dayNumber: $0).description }
    object["arrived"] = entry.arrived.map { CivilDate(dayNumber: $0).description }
    object["workingDays"] = entry.workingDays
    return object
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
