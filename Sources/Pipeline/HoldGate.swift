import Catalog
import Records
import Standardization
import Validation
import Warehouse

/// Decides whether a delivery waits for a person (design.md §5, held delivery). Its limits are those of
/// the adapter, which has them from `nightly.yaml` unless it says otherwise.
struct HoldGate {
  /// Reasons that the survey gives, before any record is judged.
  ///
  /// - Parameters:
  ///   - expected: Records that the manifest promised.
  ///   - isFull: What the delivery lacks will be removed.
  func reasons(_ survey: DeliverySurvey, expected: Int?, isFull: Bool) -> [HoldReason] {
    // Nothing else of such a delivery is said anywhere (semantics.md §9).
    var reasons = secrecyReasons(survey.secrecy)
    guard reasons.isEmpty else { return reasons }
    if survey.summary.isTruncated {
      reasons.append(HoldReason(.q15, .truncated))
    }
    if let problem = survey.summary.problem {
      reasons.append(HoldReason(.q15, .brokenDocument, problem))
    }
    // A sender counts what its document has at the top; how deep the records of a category lie in it
    // is our matter.
    let counted = survey.summary.census?.unitCount ?? survey.entries.count
    if let expected, expected != counted {
      reasons.append(
        HoldReason(.q15, .recordCount, "\(counted)", "\(expected)"))
    }
    if let total = survey.summary.census?.total, total != counted {
      reasons.append(HoldReason(.q15, .documentCount, "\(counted)", "\(total)"))
    }
    if survey.summary.census?.unreadableTotal != nil {
      reasons.append(HoldReason(.q15, .documentCountUnreadable))
    }
    if isFull, survey.entries.count == 0 {
      reasons.append(HoldReason(.q15, .empty))
    }
    let adapter = survey.plan.adapter
    if survey.inspection.mojibakeCount >= adapter.minimumMojibake,
      survey.inspection.mojibakeShare >= adapter.mojibakeLimit
    {
      let percent = Int((survey.inspection.mojibakeShare * 100).rounded())
      reasons.append(HoldReason(.q28, .mojibake, "\(percent)"))
    }
    if survey.match.isForeign {
      guard survey.summary.problem == nil else { return reasons }
      return reasons + [
        HoldReason(.q21, survey.match.holdsNoRecords ? .foreignDocument : .foreignHeader)
      ]
    }
    return reasons + driftReasons(survey.match, survey.plan.adapter)
  }

  private func secrecyReasons(_ count: SecrecyCount) -> [HoldReason] {
    var reasons: [HoldReason] = []
    if count.classified > 0 {
      reasons.append(HoldReason(.q31, .classified, "\(count.classified)"))
    }
    if count.unreadable > 0 {
      reasons.append(HoldReason(.q31, .secrecyUnreadable, "\(count.unreadable)"))
    }
    return reasons
  }

  /// Reasons that the verdicts give.
  func reasons(
    _ result: JudgeResult, _ validator: CategoryValidator, _ adapter: SourceAdapter
  ) -> [HoldReason] {
    var reasons: [HoldReason] = []
    for (check, count) in result.findingCounts.enumerated() where count > 0 {
      let description = validator.descriptions[check]
      guard description.severity == .hold else { continue }
      reasons.append(HoldReason(description.issue, .findings, "\(count)", description.rule))
    }
    // What is unchanged was good: a full delivery with a few known errors is no broken export.
    let judged =
      result.balance.accepted + result.balance.returned + result.balance.unchanged
      + result.balance.pending
    let share = judged == 0 ? 0 : Double(result.balance.returned) / Double(judged)
    if judged >= adapter.minimumJudged, share > adapter.maximumReturnedShare {
      reasons.append(
        HoldReason(
          .q15, .returnedShare, "\(result.balance.returned)", "\(judged)",
          "\(Int((adapter.maximumReturnedShare * 100).rounded()))"))
    }
    return reasons
  }

  private func driftReasons(_ match: HeaderMatch, _ adapter: SourceAdapter) -> [HoldReason] {
    var reasons: [HoldReason] = []
    if !match.missing.isEmpty, adapter.missingColumn == .freeze {
      reasons.append(
        HoldReason(.q21, .missingColumns, HoldReason.listing(match.missing)))
    }
    if !match.new.isEmpty, adapter.newColumn == .freeze {
      reasons.append(HoldReason(.q21, .newColumns, HoldReason.listing(match.new)))
    }
    return reasons
  }
}

/// What is to be said of a delivery's columns.
struct DriftReport {
  /// One line per kind of drift; empty if the header is the adapter's.
  let text: String

  init(_ match: HeaderMatch, _ adapter: SourceAdapter) {
    var lines: [String] = []
    guard !match.isForeign else {
      // What stands there may be a record, and a record is not for the ledger.
      text =
        match.holdsNoRecords
        ? "no records where the adapter looks for them"
        : "the first row is not the header of this category"
      return
    }
    if !match.new.isEmpty {
      lines.append("new (\(adapter.newColumn.rawValue)): \(match.new.joined(separator: ", "))")
    }
    if !match.missing.isEmpty {
      let names = match.missing.joined(separator: ", ")
      lines.append("missing (\(adapter.missingColumn.rawValue)): \(names)")
    }
    if !match.renamed.isEmpty {
      let names = match.renamed.map { "\($0.found) for \($0.expected)" }.joined(separator: ", ")
      lines.append("renamed: \(names)")
    }
    text = lines.joined(separator: "\n")
  }
}
