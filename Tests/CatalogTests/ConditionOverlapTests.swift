import Testing

@testable import Catalog

/// Whether two conditions exclude each other: what is not proven may hold together.
@Suite struct ConditionOverlapTests {
  @Test(arguments: [
    // Different codes of one element, whatever its list.
    ("party_type_code = '1'", "party_type_code = '2'", false),
    ("party_type_code in ('1', '2')", "party_type_code in ('3', '4')", false),
    ("party_type_code in ('1', '2')", "party_type_code in ('2', '3')", true),
    ("party_type_code = '1'", "'1' = party_type_code", true),
    ("party_type_code = '1'", "party_type_code != '1'", false),
    ("party_type_code != '1'", "party_type_code != '2'", true),
    ("open_code = 'A1'", "open_code = 'A2'", false),
    ("open_code = 'A1'", "open_code != 'A1'", false),
    ("division_code = '510104'", "division_code in ('510105', '510106')", false),
    ("publicity_flag = '1'", "not (publicity_flag = '1')", false),
    // Several values at a time, and different elements.
    ("penalty_type_code has '01'", "penalty_type_code has '02'", true),
    ("penalty_type_code has '01'", "not (penalty_type_code has '01')", false),
    ("party_type_code = '1'", "publicity_flag = '0'", true),
    // Parts.
    ("party_type_code = '1' & publicity_flag = '1'", "party_type_code = '2'", false),
    ("party_type_code = '1' | publicity_flag = '1'", "party_type_code = '2'", true),
    (
      "party_type_code = '1' | party_type_code = '2'",
      "party_type_code = '3' | party_type_code = '4'", false
    ),
    // Filled or not, numbers and days.
    ("uscc present", "uscc absent", false), ("uscc present", "party_type_code = '1'", true),
    ("party_type_code = '1'", "party_type_code absent", false),
    ("fine_amount > 100", "fine_amount <= 100", false),
    ("fine_amount >= 100", "fine_amount <= 100", true),
    ("decision_date < date '2026-01-01'", "decision_date >= date '2026-01-01'", false),
    // Not understood: a part of a text, another element.
    ("substr(uscc, 1, 1) = '9'", "substr(uscc, 1, 1) = '1'", true),
    ("fine_amount > paid_amount", "fine_amount < paid_amount", true),
  ])
  func `two conditions may hold together unless the contrary is proven`(
    left: String, right: String, together: Bool
  ) throws {
    let (one, other) = (try Expression.parse(left), try Expression.parse(right))
    let checker = ExpressionFixture.checker()
    #expect(checker.mayHoldTogether([one, other]) == together)
    #expect(checker.mayHoldTogether([other, one]) == together)
    #expect(checker.mayHoldTogether([one]) && checker.mayHoldTogether([other]))
  }

  @Test func `no condition holds of every record`() {
    #expect(ExpressionFixture.checker().mayHoldTogether([]))
  }
}
