package import Records

/// What leaves of a chunk: kept records with shown values and masked forms.
///
/// Built and not filtered (design.md, D8): the arenas hold no byte of anything else. A masked value is
/// its text alone, without the number that columns of dates and codes have beside it.
package struct ReleasedChunk: Sendable {
  package var records: ElementChunk
  /// Row in the chunk of every record, ascending.
  package var sourceRows: [Int]
  /// Owners are rows of ``records``.
  package var children: [SharingRows]
}

extension SharingDecisions {
  /// Builds what leaves.
  ///
  /// - Parameters:
  ///   - chunk: The chunk and rows that were decided about.
  package func released(_ chunk: ElementChunk, rows: [SharingRows] = []) -> ReleasedChunk {
    let kept = self.rows.indices.filter { self.rows[$0].isKept }
    let records = released(chunk, columns, rows: kept)
    var places: [Int: Int32] = [:]
    for (place, row) in kept.enumerated() { places[row] = Int32(place) }
    let children = rows.map { list in
      let own = list.owners.indices.filter { places[Int(list.owners[$0])] != nil }
      return SharingRows(
        table: list.table, rows: released(list.rows, self.children[list.table], rows: own),
        owners: own.compactMap { places[Int(list.owners[$0])] })
    }
    return ReleasedChunk(records: records, sourceRows: kept, children: children)
  }

  private func released(
    _ chunk: ElementChunk, _ columns: [ColumnDecisions], rows: [Int]
  ) -> ElementChunk {
    var result = ElementChunk(recordCount: rows.count, columnCount: columns.count, text: [])
    for (column, decisions) in columns.enumerated() where decisions.isOpen {
      let source = chunk.columns[column]
      for (place, row) in rows.enumerated() where source.states[row] != .null {
        switch decisions.cell(row).outcome {
        case .withheld: break
        case .masked:
          let masked = decisions.masked(row)
          if masked.isAbsent { continue }
          result.columns[column].set(place, result.text.appendText(masked, from: text))
        case .shown:
          let value = result.text.appendText(source.texts[row], from: chunk.text)
          result.columns[column].texts[place] = value
          result.columns[column].numbers[place] = source.numbers[row]
          result.columns[column].states[place] = source.states[row]
        }
      }
    }
    return result
  }
}
