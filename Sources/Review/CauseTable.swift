import Catalog
import Records

/// All causes in memory: what the facets and lines of the queue are counted from.
///
/// A cause is a status, a system, a category and a set of findings; every record of the queue has exactly one.
/// Their number follows from what can go wrong and not from how many records it does, so that a million
/// records are some thousands of rows here. Texts are compared by their places in sorted lists.
struct CauseTable: Sendable {
  struct Finding: Sendable, Hashable {
    var code: String
    var rule: String
    var element: String
    var severity: String

    func value(_ facet: QueueFilter.Facet) -> String? {
      switch facet {
      case .code: code
      case .rule: rule
      case .element: element
      case .severity: severity
      default: nil
      }
    }
  }

  struct Cause: Sendable {
    var id: Int64
    var status: String
    var system: String
    var category: String
    var findings: [Finding]
  }

  /// Records of one cause that came in one publication with one number of attempts.
  struct Count: Sendable {
    /// Index of the cause.
    var cause: Int
    var publication: Int64
    var attempt: Int
    var records: Int
    /// Numbers of the first and of the last of them.
    var rows: ClosedRange<Int64>
  }

  /// The values of a facet, sorted.
  struct Values: Sendable {
    let texts: [String]
    private let places: [String: Int32]

    init(_ values: some Sequence<String>) {
      texts = Set(values).sorted()
      places = Dictionary(
        uniqueKeysWithValues: texts.enumerated().map { ($1, Int32($0)) })
    }

    /// -1 for a value that nothing has.
    func place(_ text: String) -> Int32 { places[text] ?? -1 }

    func test(_ body: (String) -> Bool) -> [Bool] { texts.map(body) }
  }

  /// A cause by places of its values.
  struct CodedCause: Sendable {
    var whole: CodedWhole
    /// Of ``CauseTable/codedFindings``.
    var findings: Range<Int>
    /// Of ``CauseTable/counts``.
    var counts: Range<Int>
  }

  struct CodedWhole: Sendable, Hashable {
    var status: Int32
    var system: Int32
    var category: Int32

    subscript(_ place: Int) -> Int32 { place == 0 ? status : place == 1 ? system : category }
  }

  struct CodedCount: Sendable {
    var age: Int32
    var night: Int32
    var attempt: Int32

    subscript(_ place: Int) -> Int32 { place == 0 ? age : place == 1 ? night : attempt }
  }

  /// Code, rule, element and severity.
  struct CodedFinding: Sendable, Hashable {
    var code: Int32
    var rule: Int32
    var element: Int32
    var severity: Int32

    subscript(_ part: Int) -> Int32 {
      switch part {
      case 0: code
      case 1: rule
      case 2: element
      default: severity
      }
    }
  }

  let causes: [Cause]
  /// By cause.
  let counts: [Count]
  /// By publication.
  let nights: [Int64: String]
  let ages: [Int64: QueueFilter.Age]

  private static let wholes: [QueueFilter.Facet] = [.status, .system, .category]
  private static let parts: [QueueFilter.Facet] = [.code, .rule, .element, .severity]
  /// Of records and not of their causes.
  private static let own: [QueueFilter.Facet] = [.age, .night, .attempt]

  private let values: [QueueFilter.Facet: Values]
  private let coded: [CodedCause]
  private let codedFindings: [CodedFinding]
  /// By count.
  private let codedCounts: [CodedCount]

  init(
    causes: [Cause], counts: [Count], nights: [Int64: String], ages: [Int64: QueueFilter.Age]
  ) {
    self.causes = causes
    let counts = counts.sorted {
      ($0.cause, $0.publication, $0.attempt) < ($1.cause, $1.publication, $1.attempt)
    }
    self.counts = counts
    self.nights = nights
    self.ages = ages
    let findings = causes.lazy.flatMap(\.findings)
    let ageValues = Values(counts.map { ages[$0.publication]?.rawValue ?? "" })
    let attemptValues = Values(counts.map { Self.attempt($0.attempt) })
    let nightValues = Values(counts.map { nights[$0.publication] ?? "" })
    let values: [QueueFilter.Facet: Values] = [
      .status: Values(causes.map(\.status)), .system: Values(causes.map(\.system)),
      .category: Values(causes.map(\.category)), .code: Values(findings.map(\.code)),
      .rule: Values(findings.map(\.rule)), .element: Values(findings.map(\.element)),
      .severity: Values(findings.map(\.severity)), .age: ageValues, .night: nightValues,
      .attempt: attemptValues,
    ]
    self.values = values
    func place(_ facet: QueueFilter.Facet, _ text: String) -> Int32 {
      values[facet]?.place(text) ?? -1
    }
    var next = 0
    var codedFindings: [CodedFinding] = []
    coded = causes.enumerated().map { index, cause in
      let start = next
      while next < counts.count, counts[next].cause == index { next += 1 }
      let firstFinding = codedFindings.count
      codedFindings += cause.findings.map {
        CodedFinding(
          code: place(.code, $0.code), rule: place(.rule, $0.rule),
          element: place(.element, $0.element), severity: place(.severity, $0.severity))
      }
      return CodedCause(
        whole: CodedWhole(
          status: place(.status, cause.status), system: place(.system, cause.system),
          category: place(.category, cause.category)),
        findings: firstFinding..<codedFindings.count, counts: start..<next)
    }
    self.codedFindings = codedFindings
    codedCounts = counts.map {
      CodedCount(
        age: ageValues.place(ages[$0.publication]?.rawValue ?? ""),
        night: nightValues.place(nights[$0.publication] ?? ""),
        attempt: attemptValues.place(Self.attempt($0.attempt)))
    }
  }

  func cause(_ id: Int64) -> Cause? {
    // Made with ascending numbers from 1; anything else is found by looking.
    let place = Int(id) - 1
    if causes.indices.contains(place), causes[place].id == id { return causes[place] }
    return causes.first { $0.id == id }
  }

  static func attempt(_ number: Int) -> String {
    number >= QueueFilter.lastAttempt ? "\(QueueFilter.lastAttempt)+" : "\(number)"
  }

  func texts(_ facet: QueueFilter.Facet) -> [String] { values[facet]?.texts ?? [] }

  // MARK: Filtering

  /// What a filter leaves of the table.
  struct Selection: Sendable {
    /// The causes of which anything fits, ascending: index, and place of the first finding that fits.
    var causes: [(index: Int, lead: CodedFinding)] = []
    /// Indexes of the counts that fit, ascending.
    var counts: [Int] = []
    var records = 0
    /// By facet, records by value, each under the rest of the filter.
    var facets: [QueueFilter.Facet: [String: Int]] = [:]
  }

  /// Goes through the causes once.
  ///
  /// - Parameters:
  ///   - systems: Whose records may be seen; nil for all.
  ///   - words: Tests of names, all of which must be true for one value of a cause at least.
  func selection(
    _ filter: QueueFilter, systems: Set<String>?, words: [(String) -> Bool] = []
  ) -> Selection {
    let mayBeSeen = systems.map { systems in values[.system]?.test(systems.contains) ?? [] }
    let isNamed = words.map { word in NamedValues(self, word) }
    var pass = Pass(self, filter)
    for (index, cause) in coded.enumerated() {
      guard mayBeSeen.map({ $0[Int(cause.whole.system)] }) ?? true,
        isNamed.allSatisfy({ $0.hold(cause, codedFindings) })
      else { continue }
      pass.take(index, cause)
    }
    return pass.result
  }

  /// The values of each facet in which a word is found.
  private struct NamedValues {
    private let systems: [Bool]
    private let categories: [Bool]
    private let codes: [Bool]
    private let rules: [Bool]
    private let elements: [Bool]

    init(_ table: CauseTable, _ word: (String) -> Bool) {
      systems = table.texts(.system).map(word)
      categories = table.texts(.category).map(word)
      codes = table.texts(.code).map(word)
      rules = table.texts(.rule).map(word)
      elements = table.texts(.element).map(word)
    }

    func hold(_ cause: CodedCause, _ findings: [CodedFinding]) -> Bool {
      systems[Int(cause.whole.system)] || categories[Int(cause.whole.category)]
        || findings[cause.findings].contains {
          codes[Int($0.code)] || rules[Int($0.rule)] || elements[Int($0.element)]
        }
    }
  }

  /// Counts records by value of every facet in one pass: what misses the filter by one facet counts in that
  /// facet alone, what misses it by two in none.
  private struct Pass {
    private let table: CauseTable
    /// In the order of ``CauseTable/wholes``, ``CauseTable/parts`` and ``CauseTable/own``.
    private let wantedWholes: [Int32?]
    private let wantedParts: [Int32?]
    private let wantedOwn: [Int32?]
    private var wholes: [[Int]]
    private var parts: [[Int]]
    private var own: [[Int]]
    private var selection = Selection()

    init(_ table: CauseTable, _ filter: QueueFilter) {
      self.table = table
      func place(_ facet: QueueFilter.Facet) -> Int32? {
        filter[facet].map { table.values[facet]?.place($0) ?? -1 }
      }
      func zeros(_ facet: QueueFilter.Facet) -> [Int] {
        Array(repeating: 0, count: table.texts(facet).count)
      }
      wantedWholes = CauseTable.wholes.map(place)
      wantedParts = CauseTable.parts.map(place)
      wantedOwn = CauseTable.own.map(place)
      wholes = CauseTable.wholes.map(zeros)
      parts = CauseTable.parts.map(zeros)
      own = CauseTable.own.map(zeros)
    }

    mutating func take(_ index: Int, _ cause: CodedCause) {
      var missed = 0
      var missedWhole = 0
      for place in wantedWholes.indices {
        guard let value = wantedWholes[place], value != cause.whole[place] else { continue }
        missed += 1
        missedWhole = place
      }
      guard missed < 2 else { return }
      let findings = table.codedFindings[cause.findings]
      let lead = findings.first { finding in missedPart(finding) == nil }
      if missed == 1 {
        guard lead != nil else { return }
        let records = cause.counts.reduce(0) {
          $0 + (missedOwn(table.codedCounts[$1]) == nil ? table.counts[$1].records : 0)
        }
        wholes[missedWhole][Int(cause.whole[missedWhole])] += records
        return
      }
      var records = 0
      for place in cause.counts {
        let number = table.counts[place].records
        let count = table.codedCounts[place]
        let missed = missedOwn(count)
        if missed == nil { records += number }
        guard lead != nil else { continue }
        for facet in own.indices where missed == nil || missed == facet {
          own[facet][Int(count[facet])] += number
        }
        if missed == nil { selection.counts.append(place) }
      }
      guard records > 0 else { return }
      countParts(records, findings)
      guard let lead else { return }
      for place in wholes.indices { wholes[place][Int(cause.whole[place])] += records }
      selection.causes.append((index, lead))
      selection.records += records
    }

    /// The only part in which a finding misses the filter, or -1 where there are several; nil where it fits.
    private func missedPart(_ finding: CodedFinding) -> Int? {
      var missed: Int?
      for (part, value) in wantedParts.enumerated() {
        if let value, value != finding[part] { missed = missed == nil ? part : -1 }
      }
      return missed
    }

    /// The same of what records have for themselves.
    private func missedOwn(_ count: CodedCount) -> Int? {
      var missed: Int?
      for (place, value) in wantedOwn.enumerated() {
        if let value, value != count[place] { missed = missed == nil ? place : -1 }
      }
      return missed
    }

    /// Every value once for a cause, however many of its findings have it.
    private mutating func countParts(_ records: Int, _ findings: ArraySlice<CodedFinding>) {
      for part in CauseTable.parts.indices {
        for (place, finding) in findings.enumerated() where speaks(finding, part) {
          let isCounted = findings.prefix(place).contains {
            $0[part] == finding[part] && speaks($0, part)
          }
          if !isCounted { parts[part][Int(finding[part])] += records }
        }
      }
    }

    /// Whether a finding fits in everything but a part.
    private func speaks(_ finding: CodedFinding, _ part: Int) -> Bool {
      let missed = missedPart(finding)
      return missed == nil || missed == part
    }

    var result: Selection {
      var result = selection
      func add(_ facet: QueueFilter.Facet, _ numbers: [Int]) {
        let texts = table.texts(facet)
        var found: [String: Int] = [:]
        for (place, number) in numbers.enumerated() where number > 0 {
          found[texts[place]] = number
        }
        result.facets[facet] = found
      }
      for (facet, numbers) in zip(CauseTable.wholes, wholes) { add(facet, numbers) }
      for (facet, numbers) in zip(CauseTable.parts, parts) { add(facet, numbers) }
      for (facet, numbers) in zip(CauseTable.own, own) { add(facet, numbers) }
      return result
    }
  }
  // MARK: Lines

  /// Records of a status, system and category that have one finding: a line of the queue.
  struct Line {
    var whole: CodedWhole
    var finding: CodedFinding
    var records = 0
    /// Of the records, came back before.
    var repeated = 0
    /// Nights of the first and of the last.
    var oldest = Int32.max
    var newest = Int32.min
  }

  /// What a selection leaves, by the first finding of each cause that fits; in no order.
  func lines(_ selection: Selection) -> [Line] {
    struct Key: Hashable {
      var whole: CodedWhole
      var finding: CodedFinding
    }
    var places: [Key: Int] = [:]
    var lines: [Line] = []
    var counts = selection.counts[...]
    for (index, lead) in selection.causes {
      let whole = coded[index].whole
      let key = Key(whole: whole, finding: lead)
      let place = places[key] ?? lines.count
      if place == lines.count {
        places[key] = place
        lines.append(Line(whole: whole, finding: lead))
      }
      while let count = counts.first, self.counts[count].cause == index {
        counts.removeFirst()
        lines[place].records += self.counts[count].records
        if self.counts[count].attempt > 1 { lines[place].repeated += self.counts[count].records }
        lines[place].oldest = min(lines[place].oldest, codedCounts[count].night)
        lines[place].newest = max(lines[place].newest, codedCounts[count].night)
      }
    }
    return lines
  }

  // MARK: Stretches

  /// A part of the queue in which causes of a selection have rows.
  struct Stretch {
    var rows: ClosedRange<Int64>
    /// Indexes of the causes.
    var causes: [Int]
  }

  /// All of them, no two of which overlap. Records of one delivery stand together, so that most causes are in
  /// few of them.
  func stretches(_ selection: Selection, isDescending: Bool) -> [Stretch] {
    let chosen = selection.counts.map { counts[$0] }.sorted {
      $0.rows.lowerBound < $1.rows.lowerBound
    }
    var stretches: [Stretch] = []
    for count in chosen {
      if let last = stretches.indices.last,
        stretches[last].rows.upperBound >= count.rows.lowerBound
      {
        let end = max(stretches[last].rows.upperBound, count.rows.upperBound)
        stretches[last].rows = stretches[last].rows.lowerBound...end
        if stretches[last].causes.last != count.cause { stretches[last].causes.append(count.cause) }
      } else {
        stretches.append(Stretch(rows: count.rows, causes: [count.cause]))
      }
    }
    return isDescending ? stretches.reversed() : stretches
  }

  func text(_ facet: QueueFilter.Facet, _ place: Int32) -> String { texts(facet)[Int(place)] }

  func night(_ place: Int32) -> String { text(.night, place) }
}
