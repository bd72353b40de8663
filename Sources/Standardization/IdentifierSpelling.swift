import Catalog
import Records

/// The standard spelling of a single identifier, as the standardizer gives it to a column.
package enum IdentifierSpelling {
  /// - Parameter kind: Name of the identifier check, e.g. `uscc`.
  package static func standard(_ value: String, kind: String) -> String {
    let element = DataElement(
      id: "", identifier: "value", name: "", english: "", definition: "", group: "", type: .text,
      notation: "c..4000", representation: .text(.any, length: 0...4000), domain: .check(kind),
      origin: "")
    let plan = ColumnPlan(
      column: 0, sources: [0], reader: .text, spelling: .of(element), folds: true,
      nulls: NullSpellings([]), isMultiValued: false)
    var kernel = ColumnKernel(plan: plan, text: [], changes: [])
    var chunk = RecordChunk(columnCount: 1, stride: 1)
    let row = chunk.appendRecord(
      position: SourcePosition(recordNumber: 1, line: 1, byteOffset: 0), raw: .absent)
    chunk.setField(row, 0, kernel.text.appendText(value))
    var column = ElementColumn(count: 1)
    kernel.run(chunk, 1, into: &column)
    return kernel.text.string(column.texts[0])
  }
}
