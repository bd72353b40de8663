import Catalog
import Pipeline
import PipelineDefinition

/// Compares whom a record of a worked case must mean with whom the product finds.
struct SubjectCaseRunner {
  private let matcher: CaseMatcher

  init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    matcher = CaseMatcher(catalog, configuration)
  }

  /// - Returns: A sentence per difference; empty if the case passes.
  func differences(_ test: SubjectCase) throws -> [String] {
    let found = try matcher.match(
      test.given.compactMapValues { $0 }, category: test.category,
      registered: test.registered.map { $0.compactMapValues { $0 } })
    var lines: [String] = []
    let link = found.link.map { "\($0.subject) by \($0.rule)" }
    let expected = test.link.map { "\($0.subject) by \($0.rule)" }
    if link != expected {
      lines.append("link: found \(link ?? "none"), expected \(expected ?? "none")")
    }
    let candidates = found.candidates.map { "\($0.subject) \($0.rule) \($0.score)" }
    let wanted = test.candidates.map { "\($0.subject) \($0.rule) \($0.score)" }
    lines += wanted.filter { !candidates.contains($0) }.map { "missing candidate: \($0)" }
    lines += candidates.filter { !wanted.contains($0) }.map { "not expected: candidate \($0)" }
    if lines.isEmpty, candidates != wanted {
      lines.append("candidates: found in the order \(candidates.joined(separator: ", "))")
    }
    return lines
  }
}
