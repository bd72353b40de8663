import Catalog
import Records

/// All causes in memory: what the facets and lines of the queue are counted from.
///
/// A cause is a status, a system, a category and a set of findings; every record of the queue has exactly one.
/// Their number follows from what can go wrong and not from how many records it does, so that a million
/// records are some thousands of rows here.
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
  }

  var causes: [Cause]
  var counts: [Count]
  /// By publication.
  var nights: [Int64: String]
  var ages: [Int64: QueueFilter.Age]

  func cause(_ id: Int64) -> Cause? {
    // Made with ascending numbers from 1; anything else is found by looking.
    let place = Int(id) - 1
    if causes.indices.contains(place), causes[place].id == id { return causes[place] }
    return causes.first { $0.id == id }
  }

  /// What a filter leaves of the table.
  struct Selection {
    /// By index of the cause: the first finding that fits, where anything of the cause does.
    var leads: [Int: Finding]
    /// Indexes of the counts that fit.
    var counts: [Int]
  }

  /// - Parameters:
  ///   - systems: Whose records may be seen; nil for all.
  ///   - isNamed: Whether the words of the filter are found in a cause.
  func selection(
    _ filter: QueueFilter, systems: Set<String>?, ignoring ignored: QueueFilter.Facet? = nil,
    isNamed: (Cause) -> Bool
  ) -> Selection {
    func wanted(_ facet: QueueFilter.Facet) -> String? {
      facet == ignored ? nil : filter[facet]
    }
    let parts: [(QueueFilter.Facet, String)] = [.code, .rule, .element, .severity].compactMap {
      facet in wanted(facet).map { (facet, $0) }
    }
    let status = wanted(.status)
    let system = wanted(.system)
    let category = wanted(.category)
    var leads: [Int: Finding] = [:]
    for (index, cause) in causes.enumerated() {
      guard systems?.contains(cause.system) ?? true, status.map({ $0 == cause.status }) ?? true,
        system.map({ $0 == cause.system }) ?? true,
        category.map({ $0 == cause.category }) ?? true,
        let lead = cause.findings.first(where: { finding in
          parts.allSatisfy { finding.value($0.0) == $0.1 }
        }), filter.text.isEmpty || isNamed(cause)
      else { continue }
      leads[index] = lead
    }
    let age = wanted(.age)
    let attempt = wanted(.attempt)
    let fitting = counts.indices.filter { index in
      let count = counts[index]
      return leads[count.cause] != nil
        && (age.map { $0 == ages[count.publication]?.rawValue } ?? true)
        && (attempt.map { $0 == Self.attempt(count.attempt) } ?? true)
    }
    return Selection(leads: leads, counts: fitting)
  }

  static func attempt(_ number: Int) -> String {
    number >= QueueFilter.lastAttempt ? "\(QueueFilter.lastAttempt)+" : "\(number)"
  }

  /// Records by value of a facet, under everything else that the filter says.
  func facet(
    _ facet: QueueFilter.Facet, _ filter: QueueFilter, systems: Set<String>?,
    isNamed: (Cause) -> Bool
  ) -> [String: Int] {
    let selection = selection(filter, systems: systems, ignoring: facet, isNamed: isNamed)
    let others = [QueueFilter.Facet.code, .rule, .element, .severity].filter { $0 != facet }
      .compactMap { other in filter[other].map { (other, $0) } }
    var result: [String: Int] = [:]
    // The values of a cause are worked out once for all its counts.
    var values: [Int: Set<String>] = [:]
    for index in selection.counts {
      let count = counts[index]
      let cause = causes[count.cause]
      switch facet {
      case .status: result[cause.status, default: 0] += count.records
      case .system: result[cause.system, default: 0] += count.records
      case .category: result[cause.category, default: 0] += count.records
      case .age: result[ages[count.publication]?.rawValue ?? "", default: 0] += count.records
      case .attempt: result[Self.attempt(count.attempt), default: 0] += count.records
      case .code, .rule, .element, .severity:
        let own =
          values[count.cause]
          ?? Set(
            cause.findings.filter { finding in
              others.allSatisfy { finding.value($0.0) == $0.1 }
            }.compactMap { $0.value(facet) })
        values[count.cause] = own
        for value in own { result[value, default: 0] += count.records }
      }
    }
    return result
  }
}
