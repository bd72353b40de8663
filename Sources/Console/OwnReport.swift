import Pipeline
import Review
import Warehouse

/// What of a night's report is the business of one person.
extension MorningReport {
  /// Without files of other people's systems, and without what those owe; sums stay what they are.
  func seen(by account: Account) -> MorningReport {
    guard account.systems != nil else { return self }
    var report = self
    report.held.removeAll { !account.sees($0.delivery.system) }
    report.drift.removeAll { !account.sees($0.system) }
    report.repeated.removeAll { !account.sees($0.system) }
    report.inbox = InboxListing()
    // A place that stays would say that nothing was due.
    report.cells.removeAll { cell in
      !account.sees(cell.system) && cell.tonight == nil && cell.timeliness?.state == .missing
    }
    for place in report.cells.indices
    where !account.sees(report.cells[place].system)
      && report.cells[place].timeliness?.state == .missing
    {
      report.cells[place].timeliness = nil
    }
    return report
  }
}
