import Catalog
package import Records
package import Validation

/// Buffers of decisions; one per worker.
package struct SharingScratch: Sendable {
  var expressions = ExpressionScratch()
  var freeText = FreeTextCleaner.Scratch()

  package init() {}
}

extension SharingPlan {
  /// Decides about every record, row and value of a chunk.
  ///
  /// - Parameters:
  ///   - chunk: Records of the category.
  ///   - rows: Their child rows, at most one entry for each table.
  ///   - decisions: Replaced.
  package func decide(
    _ chunk: ElementChunk, rows: [SharingRows] = [], context: EvaluationContext,
    scratch: inout SharingScratch, into decisions: inout SharingDecisions
  ) {
    decisions.report = EvaluationReport()
    decisions.text.removeAll(keepingCapacity: true)
    decisions.denials.removeAll(keepingCapacity: true)
    decisions.rows = Array(repeating: base, count: chunk.recordCount)
    decisions.columns = own.columns.map { ColumnDecisions(base: $0.base) }
    decisions.children = children.map { table in
      table.columns.map { ColumnDecisions(base: $0.base) }
    }
    applyConditions(chunk, rows, context, &scratch, &decisions)
    applyItems(chunk, rows, context, &scratch, &decisions)
    writeMasks(chunk, rows, &decisions)
    cleanFreeText(chunk, rows, &scratch, &decisions)
  }

  // MARK: Tiers

  /// The tier of a record can only close what the tiers of its elements leave open.
  private func applyConditions(
    _ chunk: ElementChunk, _ rows: [SharingRows], _ context: EvaluationContext,
    _ scratch: inout SharingScratch, _ decisions: inout SharingDecisions
  ) {
    for condition in conditions {
      let verdicts = condition.predicate.verdicts(
        chunk, rows, context: context, scratch: &scratch.expressions, report: &decisions.report)
      for (row, truth) in PredicatePlan.whole(verdicts, rows).enumerated() {
        // An unknown tier is restricted (design.md, D7).
        let tier = truth == .unknown ? .restricted : condition.tier
        guard truth != .false, tier > audience.tier, decisions.rows[row].isKept else { continue }
        close(row, condition.reason, truth == .unknown, rows, chunk, &decisions)
      }
    }
  }

  /// Withholds everything of a record but what a grant shows; denies it if there is nothing.
  private func close(
    _ row: Int, _ reason: Int, _ isUnknown: Bool, _ rows: [SharingRows], _ chunk: ElementChunk,
    _ decisions: inout SharingDecisions
  ) {
    let hasGrant = ([own] + children).contains { $0.columns.contains(where: \.isGranted) }
    guard hasGrant else {
      decisions.rows[row] = RowDecision(isKept: false, reason: reason, isUnknown: isUnknown)
      return
    }
    let closed = CellDecision(outcome: .withheld, isUnknown: isUnknown, reason: reason)
    for column in own.columns.indices where !own.columns[column].isGranted {
      decisions.columns[column].close(row, closed, count: chunk.recordCount)
    }
    for list in rows {
      for column in children[list.table].columns.indices
      where !children[list.table].columns[column].isGranted {
        for (index, owner) in list.owners.enumerated() where Int(owner) == row {
          decisions.children[list.table][column].close(
            index, closed, count: list.rows.recordCount)
        }
      }
    }
  }

  // MARK: Negative list

  private func applyItems(
    _ chunk: ElementChunk, _ rows: [SharingRows], _ context: EvaluationContext,
    _ scratch: inout SharingScratch, _ decisions: inout SharingDecisions
  ) {
    var isListed = Array(repeating: false, count: chunk.recordCount)
    for item in items {
      let verdicts = item.predicate.verdicts(
        chunk, rows, context: context, scratch: &scratch.expressions, report: &decisions.report)
      guard item.action != .denyRecord else {
        for (row, truth) in PredicatePlan.whole(verdicts, rows).enumerated()
        where truth != .false {
          decisions.denials.append(
            Denial(row: row, reason: item.reason, isUnknown: truth == .unknown))
          if isListed[row] { continue }
          isListed[row] = true
          decisions.rows[row] = RowDecision(
            isKept: false, reason: item.reason, isUnknown: truth == .unknown)
        }
        continue
      }
      for column in item.columns {
        close(&decisions.columns[column], verdicts.own, item)
      }
      for list in rows {
        for column in item.childColumns[list.table] {
          close(&decisions.children[list.table][column], verdicts.children[list.table], item)
        }
      }
    }
  }

  private func close(_ column: inout ColumnDecisions, _ truths: [Truth], _ item: Item) {
    let outcome: CellDecision.Outcome = item.action == .denyField ? .withheld : .masked
    for (row, truth) in truths.enumerated() where truth != .false {
      let before = column.cell(row)
      // Of two that do the same, the negative list is named before a tier, and its first item.
      let isFirst = outcome == before.outcome && reasons[before.reason].kind != .negativeItem
      guard outcome > before.outcome || isFirst else { continue }
      column.set(
        row,
        CellDecision(outcome: outcome, isUnknown: truth == .unknown, reason: item.reason),
        count: truths.count)
    }
  }

  // MARK: Masked forms

  private func writeMasks(
    _ chunk: ElementChunk, _ rows: [SharingRows], _ decisions: inout SharingDecisions
  ) {
    for column in own.columns.indices {
      writeMasks(
        chunk, column, own.columns[column], &decisions.columns[column], &decisions.text
      ) { [kept = decisions.rows] in kept[$0].isKept }
    }
    for list in rows {
      for column in children[list.table].columns.indices {
        writeMasks(
          list.rows, column, children[list.table].columns[column],
          &decisions.children[list.table][column], &decisions.text
        ) { [kept = decisions.rows] in kept[Int(list.owners[$0])].isKept }
      }
    }
  }

  private func writeMasks(
    _ chunk: ElementChunk, _ column: Int, _ plan: TablePlan.Column,
    _ decisions: inout ColumnDecisions, _ arena: inout TextArena, isKept: (Int) -> Bool
  ) {
    if decisions.varying.isEmpty, decisions.base.outcome != .masked { return }
    let values = chunk.columns[column]
    for row in 0..<chunk.recordCount
    where decisions.cell(row).outcome == .masked && values.states[row] != .null && isKept(row) {
      let masked = masks[plan.mask].write(
        values.texts[row], in: chunk.text, day: values.day(row, plan.element.type),
        isMultiValued: plan.element.isMultiValued, into: &arena)
      decisions.setText(row, masked, count: chunk.recordCount)
    }
  }

  // MARK: Free text

  private func cleanFreeText(
    _ chunk: ElementChunk, _ rows: [SharingRows], _ scratch: inout SharingScratch,
    _ decisions: inout SharingDecisions
  ) {
    let columns = own.columns.indices.filter { own.columns[$0].isCleaned }
    let isAnyChild = children.contains { $0.columns.contains(where: \.isCleaned) }
    guard !columns.isEmpty || isAnyChild else { return }
    for row in 0..<chunk.recordCount where decisions.rows[row].isKept {
      let spans = rows.map { Self.rows(of: row, in: $0.owners) }
      let isAnyText =
        columns.contains { isText(chunk, row, decisions.columns[$0], $0) }
        || zip(rows, spans).contains { list, span in
          children[list.table].columns.indices.contains { column in
            children[list.table].columns[column].isCleaned
              && span.contains {
                isText(list.rows, $0, decisions.children[list.table][column], column)
              }
          }
        }
      guard isAnyText else { continue }
      scratch.freeText.names.removeAll()
      own.addNames(chunk, row, to: &scratch.freeText.names)
      for (list, span) in zip(rows, spans) {
        for index in span {
          children[list.table].addNames(list.rows, index, to: &scratch.freeText.names)
        }
      }
      for column in columns {
        clean(chunk, row, column, &scratch, &decisions.columns[column], &decisions.text)
      }
      for (list, span) in zip(rows, spans) {
        for column in children[list.table].columns.indices
        where children[list.table].columns[column].isCleaned {
          for index in span {
            clean(
              list.rows, index, column, &scratch, &decisions.children[list.table][column],
              &decisions.text)
          }
        }
      }
    }
  }

  /// Whether there is a text that would be shown.
  private func isText(
    _ chunk: ElementChunk, _ row: Int, _ decisions: ColumnDecisions, _ column: Int
  ) -> Bool {
    decisions.cell(row).outcome == .shown && chunk.columns[column].states[row] != .null
  }

  private func clean(
    _ chunk: ElementChunk, _ row: Int, _ column: Int, _ scratch: inout SharingScratch,
    _ decisions: inout ColumnDecisions, _ arena: inout TextArena
  ) {
    guard isText(chunk, row, decisions, column) else { return }
    guard
      let cleaned = cleaner.clean(
        chunk.columns[column].texts[row], in: chunk.text, scratch: &scratch.freeText, into: &arena)
    else { return }
    decisions.set(
      row, CellDecision(outcome: .masked, reason: freeTextReason), count: chunk.recordCount)
    decisions.setText(row, cleaned, count: chunk.recordCount)
  }

  /// The rows of a record among `owners`, ascending.
  private static func rows(of record: Int, in owners: [Int32]) -> Range<Int> {
    func first(_ isAtOrAfter: (Int32) -> Bool) -> Int {
      var (low, high) = (0, owners.count)
      while low < high {
        let middle = (low + high) / 2
        if isAtOrAfter(owners[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let start = first { $0 >= Int32(record) }
    return start..<max(start, first { $0 > Int32(record) })
  }
}

extension ColumnDecisions {
  fileprivate mutating func close(_ row: Int, _ decision: CellDecision, count: Int) {
    guard cell(row).outcome < .withheld else { return }
    set(row, decision, count: count)
  }
}

extension ElementColumn {
  /// The day of a date or date-time that can be read.
  fileprivate func day(_ row: Int, _ type: ElementType) -> Int? {
    guard states[row] == .present else { return nil }
    switch type {
    case .date: return Int(numbers[row])
    case .dateTime:
      let (quotient, remainder) = numbers[row].quotientAndRemainder(dividingBy: 86_400)
      return Int(remainder < 0 ? quotient - 1 : quotient)
    case .text, .number, .flag: return nil
    }
  }
}

extension TablePlan {
  /// Adds the names in a row, folded.
  fileprivate func addNames(_ chunk: ElementChunk, _ row: Int, to names: inout FoldedNames) {
    for index in nameColumns where chunk.columns[index].states[row] != .null {
      names.appendAll(
        chunk.text, chunk.columns[index].texts[row].range,
        isMany: columns[index].element.isMultiValued)
    }
  }
}
