package import Warehouse

/// What became of records: the terms of the balance of a delivery or a night (semantics.md §2).
package enum BalanceTerm: String, Sendable, CaseIterable {
  case read, accepted, unchanged, duplicate, returned, pending, held, deleted

  package func count(_ balance: Balance) -> Int {
    switch self {
    case .read: balance.read
    case .accepted: balance.accepted
    case .unchanged: balance.unchanged
    case .duplicate: balance.duplicate
    case .returned: balance.returned
    case .pending: balance.pending
    case .held: balance.held
    case .deleted: balance.deleted
    }
  }

  package func name(_ language: ReportLanguage) -> String {
    switch self {
    case .read: language.of("读取", "read")
    case .accepted: language.of("入库", "accepted")
    case .unchanged: language.of("未变化", "unchanged")
    case .duplicate: language.of("重复", "duplicate")
    case .returned: language.of("退回", "returned")
    case .pending: language.of("待引用", "pending")
    case .held: language.of("挂起", "held")
    case .deleted: language.of("删除", "deleted")
    }
  }

  /// How the records wait for somebody; nil for those that do not.
  package var state: ReportLink.State? {
    switch self {
    case .returned: .returned
    case .pending: .pending
    case .held: .held
    case .read, .accepted, .unchanged, .duplicate, .deleted: nil
    }
  }
}
