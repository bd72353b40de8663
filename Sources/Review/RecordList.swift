package import Access
import Catalog
package import Pipeline
package import Warehouse
package import WarehouseSQLite

/// Records behind a number of the report, as one person may see them.
package struct RecordList: Sendable {
  package struct Item: Sendable, Hashable {
    /// What can be opened; nil where the warehouse has no row of it.
    package var row: Int64?
    package var status: String
    package var system: String
    package var category: String
    package var fileName: String
    package var recordNumber: Int
    package var line: Int
    /// nil where the record says none, or the person may not see it.
    package var recordID: String?
    package var entityKey: String?
    /// Of the publication that brought it; empty where none did.
    package var night: String
    package var closedNight: String?
  }

  package var items: [Item]
  /// Where the next page begins; nil on the last one.
  package var next: Int64?

  package static let empty = RecordList(items: [], next: nil)

  /// Whose keys the list shows, by category, for the access log.
  package var subjects: [(category: String, keys: [SubjectKey])] {
    var keys: [String: [SubjectKey]] = [:]
    for item in items {
      guard let key = item.entityKey else { continue }
      let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      keys[item.category, default: []].append(SubjectKey(category: item.category, parts: parts))
    }
    return keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension RecordDesk {
  /// A page of the records of a selection, of the systems that are the person's business.
  ///
  /// - Parameter after: ``RecordList/next`` of the page before; 0 for the first.
  package func list(
    _ selection: RecordSelection, for account: Account, _ reader: WarehouseReader,
    after: Int64 = 0, limit: Int = 50
  ) throws -> RecordList {
    let found = try reader.records(
      selection, catalog, systems: account.systems, recordID: configuration.recordIDElement,
      after: after, limit: limit + 1)
    let items = found.prefix(limit).map { record in
      RecordList.Item(
        row: record.row, status: record.status, system: record.system, category: record.category,
        fileName: record.fileName, recordNumber: Int(record.row & 0xFFFF_FFFF), line: record.line,
        recordID: shownNumber(record.recordID, record.category, account),
        entityKey: shownKey(record.entityKey, record.category, account), night: record.night,
        closedNight: record.closedNight)
    }
    return RecordList(items: items, next: found.count > limit ? items.last?.row : nil)
  }

  /// A page of the records of a delivery of which the warehouse keeps no row.
  ///
  /// - Parameter after: Number of a record, of ``RecordList/next``; 0 for the first page.
  /// - Returns: nil where the file cannot be read for it (not in the archive any more, too long, broken) or may
  ///   not: of a delivery with classified records nothing is ever shown.
  package func list(
    _ kind: DeliveryContents.Kind, of delivery: DeliveryEntry, for account: Account,
    _ reader: WarehouseReader, after: Int64 = 0, limit: Int = 50
  ) throws -> RecordList? {
    guard account.sees(delivery.system), !HoldDesk.isSecret(delivery),
      let category = catalog.category(delivery.category),
      let plan = DeliveryPlan(
        catalog: catalog, system: delivery.system, category: delivery.category,
        configuration: configuration)
    else { return nil }
    let contents = DeliveryContents(delivery, archive: archive, plan, files)
    let page: DeliveryContents.Page?
    do {
      page = try contents.page(kind, after: Int(after), limit: limit) { range in
        let first = delivery.id << 32
        let rows = (first + Int64(range.lowerBound))...(first + Int64(range.upperBound))
        return Set(try reader.storedRows(rows, category).map { Int($0 & 0xFFFF_FFFF) })
      }
    } catch let error as PipelineError where error.code == .unreadable {
      return nil
    }
    guard let page else { return nil }
    let items = try page.records.map { record in
      let key = record.entityKey.compactMap { $0 }
      let version =
        key.count == category.entityKey.count
        ? try reader.versions(of: category, key: key).last { $0.system == delivery.system } : nil
      let text = record.entityKey.map { $0 ?? "" }.joined(separator: "|")
      return RecordList.Item(
        row: version?.row, status: kind.rawValue, system: delivery.system,
        category: delivery.category, fileName: delivery.fileName,
        recordNumber: record.recordNumber, line: record.line,
        recordID: shownNumber(record.recordID ?? "", delivery.category, account),
        entityKey: shownKey(text, delivery.category, account), night: version?.night ?? "",
        closedNight: version?.closedNight)
    }
    return RecordList(items: items, next: page.next.map { Int64($0) })
  }

  // MARK: What is shown

  private func shownNumber(_ number: String, _ category: String, _ account: Account) -> String? {
    guard !number.isEmpty,
      plans(for: account.clearance)[category]?.isAlwaysOpen([configuration.recordIDElement])
        ?? false
    else { return nil }
    return number
  }

  private func shownKey(_ key: String, _ category: String, _ account: Account) -> String? {
    guard key.contains(where: { $0 != "|" }), let elements = catalog.category(category)?.entityKey,
      plans(for: account.clearance)[category]?.isAlwaysOpen(elements) ?? false
    else { return nil }
    return key
  }
}
