import Catalog
import Foundation
import Records
import TestSupport
import Testing

@testable import Validation

@Suite("Issues of identifier checks")
struct IdentifierIssueTests {
  /// Values of all kinds, right and wrong, and what typing, spreadsheets and masking make of them.
  private static let probes: Set<String> = {
    let path = Repository.root + "/Tests/Fixtures/identifier-vectors.csv"
    let lines = (try? Files.text(path))?.split(separator: "\n").dropFirst() ?? []
    var probes: Set<String> = ["1.23E+17", "9.15101E+17", "5.1E+5", "000000", "510***********1234"]
    for line in lines {
      // The value stands in front of the verdict, whatever commas the kind has.
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard
        let verdict = cells.firstIndex(where: { ["valid", "invalid", "warning"].contains($0) }),
        verdict > 0
      else { continue }
      let value = cells[verdict - 1]
      let characters = Array(value)
      probes.formUnion([value, value.lowercased(), value + "1", String(value.dropLast())])
      probes.insert(String(characters.map { $0.isNumber ? "0" : $0 }))
      if characters.count > 3 { probes.insert(String(characters.dropLast(3)) + "000") }
      for index in characters.indices {
        for other in "0129AXO[（*汉" {
          var changed = characters
          changed[index] = other
          probes.insert(String(changed))
        }
      }
    }
    return probes
  }()

  private static let contexts: [IdentifierContext] = {
    let today = CivilDate(year: 2026, month: 3, day: 1)?.dayNumber ?? 0
    return (0...14).map { type in
      var context = IdentifierContext(
        today: today, divisions: type == 0 ? nil : IdentifierVectorTests.divisions)
      context.isResidentIdentityCard = true
      context.licenceType = type
      return context
    }
  }()

  @Test(
    "The issues of a kind are those that its check can raise", arguments: IdentifierKind.allCases)
  func issues(_ kind: IdentifierKind) {
    var found = IdentifierIssues(failures: [])
    for probe in Self.probes where !probe.isEmpty {
      let bytes = Array(probe.utf8)
      for context in Self.contexts {
        switch kind.check(bytes.span, context) {
        case .valid, .notApplicable: break
        case .warning(let reason): found.warnings.insert(IdentifierTest.issue(reason, kind))
        // What the source hid is a note; see IdentifierTest.
        case .invalid(.masked): found.warnings.insert(.q27)
        case .invalid(let reason): found.failures.insert(IdentifierTest.issue(reason, kind))
        }
      }
    }
    #expect(found == kind.issues)
  }
}
