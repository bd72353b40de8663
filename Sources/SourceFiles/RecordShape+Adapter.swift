import Catalog
import Records
import Standardization

extension RecordShape {
  /// The shape of a category's records in the documents of a system.
  ///
  /// Columns: the mapping's, in their order; then the paths that columns had before; at the end the
  /// number of the return that a unit answers.
  init(_ adapter: SourceAdapter, _ mapping: CategoryMapping) {
    let records = mapping.records ?? adapter.document.records ?? FieldPath.itself
    var columns = mapping.columns.map { FieldPath($0.column) ?? .itself }
    columns += mapping.columns.flatMap(\.also).map { FieldPath($0) ?? .itself }
    let up = String(repeating: "../", count: records.depthBelowUnit)
    columns.append(FieldPath(up + returnNumberColumn) ?? .itself)
    self.init(
      records: records, columns: columns,
      children: mapping.children.compactMap { child in
        child.path.map { path in
          ChildShape(path: path, columns: child.columns.map { FieldPath($0.column) ?? .itself })
        }
      }, total: adapter.document.total, ignored: Set(returnColumns),
      namespaces: adapter.document.namespaces)
  }
}

extension FieldPath {
  /// Objects or elements between a record and its unit, the unit included.
  fileprivate var depthBelowUnit: Int {
    guard let unit = steps.firstIndex(of: .each) else { return 0 }
    return steps[unit...].count { step in
      if case .child = step { return true }
      return false
    }
  }
}
