package import Catalog
package import Records

/// Columns that a return package adds to a delivery's own; passed over when it is delivered again.
package let returnColumns = ["退回问题代码", "退回问题说明", "退回修改建议", "退回次数", "退回编号"]

/// The one of ``returnColumns`` that names the return which a record answers, so that also a record
/// that had no identifier of its own closes its return.
package let returnNumberColumn = "退回编号"

/// How the header of a file meets the columns that its adapter expects.
package struct HeaderMatch: Sendable, Equatable {
  /// For every column mapping of the adapter, the column of the file; nil where there is none.
  package var columns: [Int?]
  /// Headers that no mapping knows, with their columns.
  package var new: [String]
  /// Mapped columns that the file lacks.
  package var missing: [String]
  /// Columns found under an earlier name: now, as the adapter calls it.
  package var renamed: [(found: String, expected: String)]
  /// The file has the columns of a return package: it corrects some records and is never all of them.
  package var isCorrection: Bool

  /// A document without the place where its records should lie.
  package private(set) var holdsNoRecords = false

  /// Fewer than half of the adapter's columns are there: this is another file, or one without header.
  package var isForeign: Bool {
    holdsNoRecords || columns.count { $0 != nil } * 2 < columns.count
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.columns == right.columns && left.new == right.new && left.missing == right.missing
      && left.renamed.map(\.found) == right.renamed.map(\.found)
  }

  /// Matches names after trimming, folding of full-width forms and without spaces; a header that stands
  /// twice feeds the mappings of that name in their order.
  ///
  /// - Parameters:
  ///   - header: Names as written; a file without header row gives the adapter's own order.
  ///   - known: Columns that somebody else reads.
  package init(header: [String], mappings: [ColumnMapping], known: [ColumnMapping] = []) {
    var free: [String: [Int]] = [:]
    for (index, name) in header.enumerated().reversed() {
      free[Self.normalized(name), default: []].append(index)
    }
    columns = Array(repeating: nil, count: mappings.count)
    renamed = []
    isCorrection = header.contains { returnColumns.contains($0) }
    for (index, mapping) in mappings.enumerated() {
      columns[index] = free[Self.normalized(mapping.column)]?.popLast()
    }
    for (index, mapping) in mappings.enumerated() where columns[index] == nil {
      for earlier in mapping.also {
        guard let found = free[Self.normalized(earlier)]?.popLast() else { continue }
        columns[index] = found
        renamed.append((header[found], mapping.column))
        break
      }
    }
    let used = Set(columns.compactMap { $0 })
    let others = Set(known.flatMap { [$0.column] + $0.also }.map(Self.normalized))
    new = header.indices.filter { index in
      !used.contains(index) && !others.contains(Self.normalized(header[index]))
        && !Self.normalized(header[index]).isEmpty
        && !returnColumns.contains(header[index])
    }.map { header[$0] }
    missing = zip(mappings, columns).filter { mapping, column in
      column == nil && mapping.element != nil && !mapping.isOptional
    }.map { $0.0.column }
  }

  /// Takes note of what the documents of a file had, once they are read.
  ///
  /// A member that a document leaves out may be null in all its records; it is only missed if every
  /// record must have it.
  ///
  /// - Parameters:
  ///   - census: Its columns are the mappings, then at the end the number of the return.
  ///   - isRequired: Of an element.
  package mutating func settle(
    _ census: ShapeCensus, _ mappings: [ColumnMapping], recordCount: Int,
    isRequired: (String) -> Bool
  ) {
    holdsNoRecords = !census.hasUnits
    isCorrection = census.hasColumn.last ?? false
    new = census.unknown.sorted()
    missing = zip(mappings, census.hasColumn).filter { mapping, isThere in
      !isThere && recordCount > 0 && !mapping.isOptional && mapping.element.map(isRequired) ?? false
    }.map { $0.0.column }
  }

  private static func normalized(_ name: String) -> String {
    let bytes = Array(name.utf8)
    var arena: [UInt8] = []
    let folded = foldedWidth(bytes.span, .identifier, into: &arena)
    let text = folded == nil ? name : String(decoding: arena, as: UTF8.self)
    return String(text.filter { !$0.isWhitespace && $0 != "\u{FEFF}" }).lowercased()
  }
}
