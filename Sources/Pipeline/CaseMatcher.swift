package import Catalog
import Reconciliation
import Records
import Warehouse

/// Whom the record of a worked case means, in words of the catalog.
package struct MatchedCase: Sendable {
  package struct Candidate: Sendable, Hashable {
    package var subject: String
    package var rule: String
    package var score: Int
  }

  package var link: (subject: String, rule: String)?
  /// Best first.
  package var candidates: [Candidate] = []
}

/// Matches subjects given by element, with the same standardizer, names and matcher as a run.
package struct CaseMatcher {
  private let catalog: Catalog
  private let judge: CaseJudge

  package init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    self.catalog = catalog
    judge = CaseJudge(catalog, configuration)
  }

  /// - Parameters:
  ///   - record: What the record says of its subject.
  ///   - registered: What registrations say; the first of a code is the golden record, others are what copies
  ///     say.
  /// - Throws: What the linter would have reported.
  package func match(
    _ record: [String: String], category name: String, registered: [[String: String]]
  ) throws -> MatchedCase {
    guard let matching = catalog.matching, let source = matching.source(name),
      let category = catalog.category(name),
      let registrations = catalog.authority.entity(matching.entity).flatMap({
        catalog.category($0.category)
      })
    else { throw PipelineError(.configuration, "category \(name) names no subject") }
    let namer = SubjectNamer(matching.names)
    let said = values([record], category)[0]
    let mention = SubjectMention(
      code: source.code.flatMap { said[$0] }.flatMap { $0.contains("*") ? nil : $0 },
      number: source.number.flatMap { said[$0] },
      name: source.names.compactMap { said[$0] }.first.flatMap { namer.name($0) })
    let outcome = SubjectMatcher(matching).match(
      mention, among: subjects(values(registered, registrations), matching, namer))
    return MatchedCase(
      link: outcome.link.map { ($0.subject, $0.rule ?? "") },
      candidates: outcome.candidates.map {
        MatchedCase.Candidate(subject: $0.subject, rule: $0.rule, score: $0.score)
      })
  }

  private func subjects(
    _ registered: [[String: String]], _ matching: SubjectMatching, _ namer: SubjectNamer
  ) -> [RegisteredSubject] {
    let statements = registered.compactMap { said -> SubjectPage.Statement? in
      guard let code = said[matching.code], let name = said[matching.name] else { return nil }
      return SubjectPage.Statement(
        code: code, number: said[matching.number], name: name, isGolden: false)
    }
    let page = SubjectPage(
      keys: [], codes: Set(statements.map(\.code)).sorted(), statements: statements)
    let byCode = Dictionary(grouping: SubjectPass.entries(of: page, namer), by: \.statement.code)
    return page.codes.map { code in
      RegisteredSubject(
        code: code,
        statements: (byCode[code] ?? []).map {
          RegisteredSubject.Statement(
            number: $0.statement.number, name: $0.name, isGolden: $0.statement.isGolden)
        })
    }
  }

  /// What is there of each record, in its canonical form.
  private func values(
    _ records: [[String: String]], _ category: Category
  ) -> [[String: String]] {
    let chunk = judge.standardized(records, category, category.deliveredBy.first ?? "")
    return records.indices.map { row in
      var values: [String: String] = [:]
      for (place, entry) in category.elements.enumerated()
      where chunk.columns[place].states[row] == .present {
        values[entry.element.identifier] = chunk.text.string(chunk.columns[place].texts[row])
      }
      return values
    }
  }
}
