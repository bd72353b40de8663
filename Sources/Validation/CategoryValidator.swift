package import Catalog
package import Records
import Standardization
import Synchronization

/// The dates that rules and checks refer to; inputs, never read from a clock.
package struct ValidationDates: Sendable {
  /// Days since 1970-01-01.
  package var today: Int
  package var night: Int
  /// Seconds since 1970-01-01T00:00:00, local time +08:00.
  package var now: Int64

  package init(today: Int, night: Int, now: Int64) {
    self.today = today
    self.night = night
    self.now = now
  }
}

/// What checks need to know beside the records, prepared once for a run.
package struct ValidationContext: Sendable {
  let evaluation: EvaluationContext
  let identifiers: IdentifierContext
}

/// The checks of one category as they hold for one system, compiled from the catalog: completeness,
/// accuracy and consistency within a record (design.md, stage ④).
///
/// Every finding of every record in one pass; nothing is capped. A pure function of the records and
/// the dates.
package struct CategoryValidator: Sendable {
  package let category: Category
  /// What the findings' `check` refers to.
  package let descriptions: [CheckDescription]
  /// The rules that need other records, see
  /// ``referenceFindings(_:skipping:context:lookup:where:)``.
  package let referenceRules: [ReferenceRule]
  /// The description of a record that contradicts another with its key.
  package let duplicateCheck: Int

  private let elementChecks: [any ElementCheck]
  private let conditionals: [ConditionalCheck]
  private let domainRules: [DomainRuleCheck]
  private let rules: [RuleCheck]
  private let references: [ReferenceCheck]
  private let faultChecks: [RecordFault.Kind: Int]
  private let core: [CoreDomainTest]
  /// In the order of the category's child tables.
  private let children: [ChildRowsValidator]
  private let divisions: DivisionTable
  private let calendar: WorkingDayCalendar
  private let scratch = ScratchPool()

  /// - Parameter system: Whose parameters the rules take.
  /// - Throws: ``ExpressionError`` or `PatternError` for what the linter would have reported.
  package init(catalog: Catalog, category: Category, system: String) throws {
    self.category = category
    calendar = catalog.calendar
    divisions = divisionTable(catalog.divisions)
    let setup = CheckSetup(catalog: catalog, category: category, divisions: divisions)
    var registry = CheckRegistry()
    faultChecks = Self.faultChecks(&registry)
    duplicateCheck = registry.add(
      CheckDescription(
        issue: .q37, rule: "record.duplicate", severity: .return,
        expectedChinese: "同一主键、同一更新时间只有一种内容",
        expectedEnglish: "one content for one key and update time",
        tier: category.entityKey.compactMap { category.column(of: $0) }.map {
          category.elements[$0].element.tier
        }.max() ?? .restricted))
    var elementChecks: [any ElementCheck] = []
    var conditionals: [ConditionalCheck] = []
    var domainRules: [DomainRuleCheck] = []
    for (column, entry) in category.elements.enumerated() {
      let element = entry.element
      if case .required = entry.obligation {
        elementChecks.append(RequiredCheck(entry, column: column, &registry))
      }
      if let check = try ConditionalCheck(entry, column: column, setup, &registry) {
        conditionals.append(check)
      }
      if let check = ReadabilityCheck(element, column: column, catalog, &registry) {
        elementChecks.append(check)
      }
      if let check = EarliestDateCheck(element, column: column, catalog, &registry) {
        elementChecks.append(check)
      }
      if let check = try TextCheck(element, column: column, setup, &registry) {
        elementChecks.append(check)
      }
      if let check = CodeListCheck(element, column: column, category, catalog, &registry) {
        elementChecks.append(check)
      }
      if let check = RangeCheck(element, column: column, category, &registry) {
        elementChecks.append(check)
      }
      if let check = try DomainRuleCheck(element, column: column, setup, &registry) {
        domainRules.append(check)
      }
    }
    elementChecks += category.moves.compactMap { move in
      MoveCheck(move, category, catalog, &registry)
    }
    self.elementChecks = elementChecks
    self.conditionals = conditionals
    self.domainRules = domainRules
    let own = catalog.rules(for: category.id)
    rules = try own.filter { $0.kind == .inRecord }.map {
      try RuleCheck($0, system: system, setup, &registry)
    }
    references = try own.filter { $0.kind != .inRecord }.map {
      try ReferenceCheck($0, system: system, setup, &registry)
    }
    referenceRules = references.map(\.rule)
    core = try catalog.coreDomains.compactMap { try CoreDomainTest($0, setup) }
    children = try category.children.map { child in
      try ChildRowsValidator(child, of: category, catalog, system: system, &registry)
    }
    descriptions = registry.descriptions
  }

  /// The description of a record that could not be taken apart.
  package func faultCheck(_ kind: RecordFault.Kind) -> Int { faultChecks[kind] ?? 0 }

  /// Prepares the dates and tables of a run.
  package func context(_ dates: ValidationDates) -> ValidationContext {
    ValidationContext(
      evaluation: EvaluationContext(
        today: dates.today, night: dates.night, now: dates.now, calendar: calendar),
      identifiers: IdentifierContext(today: dates.today, divisions: divisions))
  }

  /// Finds everything that is wrong with the records of a chunk.
  ///
  /// - Parameters:
  ///   - skipping: Rows that are not judged.
  ///   - findings: Appended to; afterwards all are sorted by row, then check.
  package func validate(
    _ chunk: ElementChunk, skipping: [Bool], context: ValidationContext,
    into findings: inout [Finding]
  ) {
    let scope = CheckScope(isSkipped: skipping, identifiers: context.identifiers)
    for check in elementChecks { check.run(chunk, scope, &findings) }
    let context = context.evaluation
    scratch.withScratch { scratch, truths in
      for check in conditionals {
        _ = check.condition.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
        let states = chunk.columns[check.column].states
        for row in 0..<chunk.recordCount
        where truths[row] == .true && states[row] == .null && !skipping[row] {
          findings.append(Finding(row: row, check: check.check))
        }
      }
      for check in domainRules {
        _ = check.condition.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
        for row in 0..<chunk.recordCount where truths[row] == .false && !skipping[row] {
          let value = chunk.columns[check.column].texts[row]
          findings.append(Finding(row: row, check: check.check, value: value))
        }
      }
      for rule in rules {
        rule.run(chunk, skipping, context, &scratch, &truths, &findings)
      }
    }
    findings.sort { ($0.row, $0.check) < ($1.row, $1.check) }
  }

  /// Finds everything that is wrong with the rows inside the records of a chunk. A bad row is a finding of
  /// its record, because amounts and persons of a decision belong together (semantics.md §5).
  ///
  /// - Parameters:
  ///   - table: Index of the child table in the category.
  ///   - rows: The rows, standardized; findings are said about them with their place.
  ///   - owners: Record of each row, ascending.
  ///   - skipping: Records that are not judged.
  ///   - findings: Appended to; to be sorted by the caller.
  package func validateChildren(
    _ table: Int, _ rows: inout ElementChunk, owners: [Int32], skipping: [Bool],
    context: ValidationContext, into findings: inout [Finding]
  ) {
    children[table].run(
      &rows, owners, skipping, context, descriptions: descriptions, into: &findings)
  }

  /// Finds what is wrong between these records and others: references and cross-system rules.
  ///
  /// - Parameters:
  ///   - lookup: Finds the records that a rule asks for.
  ///   - isWanted: Which rules are judged.
  /// - Returns: Sorted by row, then check.
  /// - Throws: What the look-up throws.
  package func referenceFindings(
    _ chunk: ElementChunk, skipping: [Bool], context: ValidationContext,
    lookup: some RecordLookup, where isWanted: (ReferenceRule) -> Bool = { _ in true }
  ) throws -> [ReferenceFinding] {
    var findings: [ReferenceFinding] = []
    let context = context.evaluation
    try scratch.withScratch { scratch, truths in
      for check in references where isWanted(check.rule) {
        try check.run(
          chunk, skipping, context, &scratch, &truths, lookup: lookup, &findings)
      }
    }
    return findings.sorted {
      ($0.finding.row, $0.finding.check) < ($1.finding.row, $1.finding.check)
    }
  }

  /// The first day after today on which a rule between records may begin to apply to a record.
  ///
  /// - Returns: By record, days since 1970-01-01; nil where no rule waits for a day.
  package func nextReviews(_ chunk: ElementChunk, context: ValidationContext) -> [Int?] {
    var days = [Int?](repeating: nil, count: chunk.recordCount)
    let context = context.evaluation
    scratch.withScratch { scratch, _ in
      for check in references {
        guard let due = check.rule.dueDay?.days(chunk, context, &scratch) else { continue }
        for row in days.indices {
          guard let day = due[row], day > context.today else { continue }
          days[row] = min(days[row] ?? .max, Int(day))
        }
      }
    }
    return days
  }

  /// Counts core values and those with an accuracy finding (semantics.md §2).
  ///
  /// - Parameter onFailure: Called with the row of every value that failed.
  package func coreAccuracy(
    _ chunk: ElementChunk, _ isSkipped: [Bool], _ findings: [Finding],
    context: ValidationContext, onFailure: (Int) -> Void = { _ in }
  ) -> CoreAccuracy {
    var result = CoreAccuracy()
    guard !core.isEmpty else { return result }
    let context = context.evaluation
    scratch.withScratch { scratch, truths in
      for domain in core {
        _ = domain.condition.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
        var count = CoreAccuracy.Count()
        for column in domain.columns {
          let states = chunk.columns[column].states
          for row in 0..<chunk.recordCount
          where truths[row] == .true && states[row] != .null && !isSkipped[row] {
            count.checked += 1
          }
        }
        var last = (row: Int32(-1), element: "")
        for finding in findings where truths[Int(finding.row)] == .true {
          let description = descriptions[Int(finding.check)]
          guard description.isElementAccuracy, description.severity >= .return,
            let element = description.element, domain.elements.contains(element),
            last != (finding.row, element)
          else { continue }
          last = (finding.row, element)
          count.failed += 1
          onFailure(Int(finding.row))
        }
        result.counts[domain.domain, default: CoreAccuracy.Count()].add(count)
      }
    }
    return result
  }

  private static func faultChecks(_ registry: inout CheckRegistry) -> [RecordFault.Kind: Int] {
    var checks: [RecordFault.Kind: Int] = [:]
    for kind in RecordFault.Kind.allCases {
      let (issue, chinese, english) = kind.words
      checks[kind] = registry.add(
        CheckDescription(
          issue: issue, rule: "record.\(kind.rawValue)", severity: .return,
          expectedChinese: chinese, expectedEnglish: english))
    }
    return checks
  }
}

extension RecordFault.Kind {
  /// Issue code and what would have been right.
  fileprivate var words: (IssueCode, String, String) {
    switch self {
    case .fieldCount: (.q21, "字段数与表头一致", "as many fields as the header has columns")
    case .strayQuote: (.q21, "引号成对,字段内的引号写两次", "paired quotes, doubled inside a field")
    case .unclosedQuote: (.q21, "引号成对", "a closing quote")
    case .undecodableBytes: (.q28, "符合文件编码的字节", "bytes of the file's encoding")
    case .controlCharacter: (.q28, "不含控制字符", "no control characters")
    case .recordSize:
      (.q21, "单条记录不超过规定的大小", "a record within the limit of its size (limits.record-mebibytes)")
    case .fieldLimit:
      (.q21, "单条记录不超过规定的字段数", "a record within the limit of fields (limits.fields)")
    case .malformed: (.q21, "符合JSON或XML语法的记录", "a record in the grammar of JSON or XML")
    case .duplicateName: (.q21, "同一对象内的名称不重复", "names that differ within an object")
    case .nesting:
      (.q21, "嵌套不超过规定的层数", "a record within the limit of nesting (limits.nesting)")
    case .gatheredLines:
      (.q31, "同一记录的各行除本行专有内容外应一致", "lines of one record that agree in all they share")
    }
  }
}

/// The catalog's divisions, by the years in which they were in force.
package func divisionTable(_ divisions: [Division]) -> DivisionTable {
  // Every category of every system asks for the same thousands of codes.
  if let last = lastDivisions.withLock({ $0 }), last.divisions == divisions { return last.table }
  let entries = divisions.compactMap { division in
    Int(division.code).map { code in
      let from = division.from.year
      return DivisionTable.Entry(code: code, years: from...max(from, division.until?.year ?? 9999))
    }
  }
  let table = DivisionTable(entries, origin: "Pipelines/catalog/divisions.csv")
  lastDivisions.withLock { $0 = (divisions, table) }
  return table
}

private let lastDivisions = Mutex<(divisions: [Division], table: DivisionTable)?>(nil)
