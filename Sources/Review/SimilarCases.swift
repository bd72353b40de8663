import Catalog
import Warehouse
package import WarehouseSQLite

/// Other records with the very findings of one, and what became of them.
package struct SimilarCases: Sendable {
  /// A record that is not open any more.
  package struct Ended: Sendable {
    package var record: ClosedReturn
    /// The last correction, waiver or return with a note that stood when it ended; nil where its source did
    /// it alone.
    package var act: RecordAct?
  }

  /// Open ones.
  package var count: Int
  /// Some of them, the newest first.
  package var open: [ReviewQueue.Item]
  /// The last that ended, the newest first.
  package var ended: [Ended]

  /// Shown of either kind.
  private static let shown = 8
  /// Closed records that are looked at, our choice: a night's returns of a busy system.
  package static let scanned = 2_000

  package var isEmpty: Bool { open.isEmpty && ended.isEmpty }

  /// - Parameters:
  ///   - queue: Of the account; nil while it is being made: then only what ended is told.
  ///   - closed: Those that closed last, the newest first, of all systems.
  package init(
    of record: RecordCase, _ queue: ReviewQueue?, _ closed: [ClosedReturn], _ acts: ActStore,
    _ account: Account
  ) throws {
    let findings = Set(
      record.reasons.map(\.finding).filter { $0.severity != "note" }
        .map { [$0.code, $0.rule, $0.element] })
    (count, open) =
      findings.isEmpty
      ? (0, [])
      : try queue?.alike(
        findings, category: record.category.id, except: record.row, limit: Self.shown) ?? (0, [])
    let alike = closed.lazy.filter { other in
      !findings.isEmpty && other.findings == findings && other.category == record.category.id
        && account.sees(other.system) && other.row != record.row
    }
    let others = Array(alike.prefix(Self.shown))
    let done = try acts.acts(rows: others.map(\.row))
    ended = others.map { row in
      Ended(
        record: row,
        act: done[row.row]?.last { act in
          [.correct, .waive, .sendBack].contains(act.kind) && !act.isUndone
            && act.decision?.isApproval ?? (act.details.needsApproval != true)
        })
    }
  }
}
