package import Catalog

/// The columns of one table of an export.
package struct ExportTable: Sendable {
  /// Category, or category and child table: `CAS_parties`.
  package var name: String
  package var title: String
  package var english: String
  package var elements: [DataElement]
  package var isChild: Bool

  /// Position of the record in the export, from 1; rows inside a record have that of their record.
  package static let record = "record"
  package static let ordinal = "ordinal"
  package static let objection = "objection"
  package static let objectionSince = "objection_since"

  /// Names of all columns as they are written.
  package var columns: [String] {
    let own = elements.map(\.identifier)
    if isChild { return [Self.record, Self.ordinal] + own + [ExportMark.column] }
    return [Self.record] + own + [Self.objection, Self.objectionSince, ExportMark.column]
  }

  /// The tables of an export of some elements: the category's own and those child tables that carry one.
  package static func tables(_ category: Category, _ names: [String]) -> [ExportTable] {
    let wanted = Set(names)
    func chosen(_ elements: [CategoryElement]) -> [DataElement] {
      elements.map(\.element).filter { wanted.contains($0.identifier) }
    }
    let own = ExportTable(
      name: category.id, title: category.name, english: category.english,
      elements: chosen(category.elements), isChild: false)
    return [own]
      + category.children.map { child in
        ExportTable(
          name: "\(category.id)_\(child.name)", title: child.title, english: child.english,
          elements: chosen(child.elements), isChild: true)
      }.filter { !$0.elements.isEmpty }
  }

  /// The elements that the order of the rows is made of: those of the key that are exported, or else all.
  package func orderElements(_ category: Category) -> [String] {
    let own = elements.map(\.identifier)
    let key = category.entityKey.filter(own.contains)
    return key.isEmpty ? own : key
  }
}
