package import Catalog
package import Records
import Standardization
import Validation

/// A finding in words of the catalog, without the record it was found in.
package struct JudgedFinding: Sendable, Hashable {
  package var code: IssueCode
  package var rule: String
  package var element: String?
  package var severity: Severity
  package var value: String
  package var expectedChinese: String
  package var expectedEnglish: String
}

/// Judges single records given by element, with the same standardizer and validator as a run: worked
/// cases of `Pipelines/checks`, and later whatever a steward tries out.
package struct CaseJudge {
  private let catalog: Catalog
  private let configuration: RunConfiguration

  package init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    self.catalog = catalog
    self.configuration = configuration
  }

  /// - Parameters:
  ///   - record: Text by element.
  ///   - others: Records of other categories that references may find.
  ///   - system: Whose record it is; the first that delivers the category if nil.
  ///   - today: Days since 1970-01-01.
  /// - Throws: What the linter would have reported.
  package func findings(
    in record: [String: String], category: String, others: [String: [[String: String]]],
    system: String?, today: Int
  ) throws -> [JudgedFinding] {
    guard let category = catalog.category(category) else {
      throw PipelineError(.configuration, "category \(category) is not defined")
    }
    let system = system ?? category.deliveredBy.first ?? ""
    let validator = try CategoryValidator(catalog: catalog, category: category, system: system)
    let elements = standardized([record], category, system)
    let context = validator.context(
      ValidationDates(today: today, night: today, now: Int64(today) * 86_400 + 7200))
    var findings: [Finding] = []
    validator.validate(elements, skipping: [false], context: context, into: &findings)
    if isContradicted(elements, by: others[category.id] ?? [], category, system) {
      findings.append(Finding(row: 0, check: validator.duplicateCheck))
    }
    var chunks: [String: ElementChunk] = [:]
    for (name, records) in others {
      guard let other = catalog.category(name) else { continue }
      chunks[name] = standardized(records, other, system)
    }
    findings += try validator.referenceFindings(
      elements, skipping: [false], context: context, lookup: InMemoryRecordLookup(records: chunks)
    ).map(\.finding)
    findings.sort { ($0.row, $0.check) < ($1.row, $1.check) }
    return findings.map { finding in
      let description = validator.descriptions[Int(finding.check)]
      return JudgedFinding(
        code: description.issue, rule: description.rule, element: description.element,
        severity: description.severity, value: elements.text.string(finding.value),
        expectedChinese: description.expectedChinese,
        expectedEnglish: description.expectedEnglish)
    }
  }

  /// Whether another record of the delivery has the same key and update time and other content.
  private func isContradicted(
    _ record: ElementChunk, by others: [[String: String]], _ category: Category,
    _ system: String
  ) -> Bool {
    guard let time = category.column(of: configuration.updateTimeElement) else { return false }
    // A delivery is one system's; what others say of the same key is for the rules.
    let keys = ([configuration.systemElement] + category.entityKey).compactMap {
      category.column(of: $0)
    }
    let rivals = standardized(others, category, system)
    func text(_ chunk: ElementChunk, _ row: Int, _ column: Int) -> String {
      chunk.text.string(chunk.columns[column].texts[row])
    }
    return others.indices.contains { row in
      (keys + [time]).allSatisfy { text(rivals, row, $0) == text(record, 0, $0) }
        && category.elements.indices.contains { text(rivals, row, $0) != text(record, 0, $0) }
    }
  }

  /// The records in their canonical form, as if the columns of a delivery were named as the elements.
  ///
  /// - Parameters:
  ///   - category: Of the records; of child rows, see ``Category/asCategory(_:)``.
  ///   - system: Whose records they are.
  package func standardized(
    _ records: [[String: String]], _ category: Category, _ system: String
  ) -> ElementChunk {
    let names = category.elements.map(\.element.identifier)
    let mapping = CategoryMapping(
      category: category.id, files: [],
      columns: names.map { ColumnMapping(column: $0, element: $0) })
    let adapter = SourceAdapter(
      system: system, version: 0, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "worked case")
    let standardizer = Standardizer(
      catalog: catalog, category: category, adapter: adapter, mapping: mapping,
      columns: Array(names.indices), values: [:])
    var chunk = RecordChunk(columnCount: names.count, stride: max(1, records.count))
    for (index, record) in records.enumerated() {
      let position = SourcePosition(recordNumber: index + 1, line: index + 1, byteOffset: 0)
      let row = chunk.appendRecord(position: position, raw: .absent)
      for (column, name) in names.enumerated() {
        guard let text = record[name] else { continue }
        chunk.setField(row, column, chunk.text.appendText(text))
      }
    }
    var result = ElementChunk(recordCount: records.count, columnCount: names.count, text: [])
    standardizer.standardize(&chunk, into: &result)
    return result
  }
}
