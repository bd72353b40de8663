import Catalog
import Foundation
import Records
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

@testable import Pipeline
@testable import qingyuan

@Suite("The screen of many systems")
struct TwelveSystemScreenTests {
  private func outcome(
    _ ledger: SyntheticLedger, _ change: (inout [DeliveryEntry]) -> Void = { _ in }
  ) throws -> RunOutcome {
    let night = ledger.nights[ledger.nights.count - 1]
    let date = CivilDate(dayNumber: night).description
    let reader = try ledger.reader()
    let last = try #require(try reader.publications(upTo: date, publication: nil, limit: 1).first)
    var deliveries = try reader.deliveries(
      LedgerSpan(first: date, last: date, publication: last.publication))
    change(&deliveries)
    return RunOutcome(
      run: RunEntry(
        id: last.run, night: date, publication: last.publication, status: .finished,
        ruleSetHash: ""),
      deliveries: deliveries, measures: [], listing: InboxListing(), catalog: ledger.catalog,
      configuration: RunConfiguration(), home: HomeFolder("home"), night: night,
      ledger: try NightLedger(reader, upTo: night),
      waiting: RunOutcome.Waiting(published: 0, returned: 0, open: 0))
  }

  private func lines(
    _ outcome: RunOutcome, _ ledger: SyntheticLedger, details: Bool = false
  ) -> [String] {
    OutcomeScreen(outcome, ledger.catalog, showsDetails: details).text
      .split(separator: "\n").map(String.init)
  }

  private func width(_ line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
  }

  @Test func `one line for each system, and below it what needs attention`() throws {
    let ledger = try SyntheticLedger(nights: 3, last: "2026-03-15")
    let outcome = try outcome(ledger)
    let text = lines(outcome, ledger)
    let table = Array(text.drop { !$0.contains("accepted") }.prefix { !$0.hasPrefix("─") })
    let systems = ledger.catalog.systems.filter { system in
      outcome.lines.contains { $0.system == system.id }
    }
    #expect(systems.count == 11)
    for system in systems {
      let own = outcome.lines.filter { $0.system == system.id }
      let start = try #require(table.firstIndex { $0.hasPrefix(system.id + " ") })
      let below = table[(start + 1)...].prefix { $0.hasPrefix("    - ") }
      let concerns = own.filter {
        ($0.balance.attainment ?? 1) < 0.98 || $0.balance.held > 0 || $0.uncounted > 0
      }
      #expect(below.count == min(4, concerns.count), "\(system.id)")
      if concerns.count > 3 {
        let rest = concerns.count - 3
        let noun = rest == 1 ? "category" : "categories"
        #expect(below.last == "    - and \(rest) more \(noun), see --details")
      }
      let worst = concerns.compactMap(\.balance.attainment).min()
      if let worst { #expect(below.first?.hasSuffix(" \(Terminal.percent(worst))") == true) }
      let read = Terminal.grouped(own.reduce(0) { $0 + $1.balance.read })
      #expect(table[start].contains(" \(read)"))
    }
    #expect(text.count < 110, "\(text.count) lines")
    // The sums of the systems are the total.
    #expect(outcome.total == outcome.lines.reduce(into: Balance()) { $0 += $1.balance })
    #expect(text.contains { $0.contains("missed by ") && $0.hasSuffix("categories") })
  }

  @Test func `every category where it is asked for`() throws {
    let ledger = try SyntheticLedger(nights: 3, last: "2026-03-15")
    let outcome = try outcome(ledger)
    let text = lines(outcome, ledger, details: true)
    let table = Array(text.drop { !$0.contains("accepted") }.prefix { !$0.hasPrefix("─") })
    #expect(table.count == outcome.lines.count + 1 && table.count > 170)
    #expect(text.count { $0.hasPrefix("below 98.00 %") } == outcome.linesBelowTarget.count)
  }

  @Test(arguments: [1, 700, 40_000], [false, true])
  func `no line is wider than 100 columns`(_ scale: Int, _ details: Bool) throws {
    let ledger = try SyntheticLedger(nights: 2, last: "2026-03-15", scale: scale)
    var outcome = try outcome(ledger)
    // A night in which everything goes wrong at once.
    outcome.deliveries = outcome.deliveries.map { delivery in
      var held = delivery
      held.status = .held
      held.reason = "Q15 16 of 40 records would be returned, more than 30 %"
      return held
    }
    for line in lines(outcome, ledger, details: details) {
      #expect(width(line) <= 100, "\(width(line)): \(line)")
    }
    let shown = lines(outcome, ledger, details: details).count { $0.hasPrefix("held ") }
    #expect(shown == (details ? outcome.deliveries.count : 24))
  }

  @Test func `what is missing says for how many working days`() throws {
    let ledger = try SyntheticLedger(nights: 12, last: "2026-03-27")
    let outcome = try outcome(ledger)
    // HUD came on the 19th for the last time; 20, 23, 24, 25, 26 and 27 March are worked.
    let hud = outcome.missingCategories.filter { $0.system == "HUD" }
    #expect(hud.count == 18 && Set(hud.map(\.since)) == ["2026-03-20"])
    #expect(Set(hud.map(\.workingDays)) == [5])
    #expect(outcome.missing == ["HUD"])
    // Of ARA, which comes on Saturdays, one category did not; the others did.
    let ara = outcome.missingCategories.filter { $0.system == "ARA" }
    #expect(ara.count == 1 && ara[0].since == "2026-03-21" && ara[0].workingDays == 5)
    #expect(
      lines(outcome, ledger).contains("missing ARA: \(ara[0].category) (5 working days overdue)"))
    #expect(
      lines(outcome, ledger).contains {
        $0.hasPrefix("missing HUD ") && $0.hasSuffix("delivered nothing (5 working days overdue)")
      })
    let json = try JSONSerialization.jsonObject(
      with: Data(OutcomeScreen(outcome, ledger.catalog).json.utf8))
    let object = try #require(json as? [String: Any])
    let all = try #require(object["timeliness"] as? [[String: Any]])
    #expect(all.count == 12 * 18)
    let one = try #require(all.first { $0["system"] as? String == "HUD" })
    #expect(one["state"] as? String == "missing" && one["workingDays"] as? Int == 5)
    #expect(one["expected"] as? String == "2026-03-20")
    #expect(one["arrived"] as? String == "2026-03-19")
  }
}
