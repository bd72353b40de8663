import Catalog
import TestSupport
import Testing

/// A small world of enterprises and of records that name them: complaints without a code, penalties with a
/// registration number.
enum Subjects {
  static func number(_ index: Int) -> String {
    let body = "51010400000\(100 + index)"
    var product = 10
    for digit in body.compactMap(\.wholeNumberValue) {
      let sum = (product + digit) % 10
      product = (sum == 0 ? 10 : sum) * 2 % 11
    }
    return body + "\((11 - product) % 10)"
  }

  static func enterprise(
    _ index: Int, _ name: String, number: String? = nil, system: String = "SAM", updated: Int = 1,
    _ more: Values = [:]
  ) -> Values {
    Enterprises.record(
      index, system, updated: updated,
      ["subject_name": name, "registration_no": number ?? ""].merging(more) { _, new in new })
  }

  /// A complaint about somebody.
  static func complaint(
    _ index: Int, _ name: String, code: String = "", updated: Int = 1, _ more: Values = [:]
  ) -> Values {
    [
      "source_record_id": "C-\(index)", "complaint_no": "QY-C-\(index)", "subject_name": "",
      "uscc": code, "respondent_name": name, "case_no": "", "case_status_code": "",
      "penalty_doc_no": "", "source_update_time": "2026-06-0\(updated)T01:00:00",
    ].merging(more) { _, new in new }
  }
}

extension TestHome {
  func deliver(_ part: Int, complaints: [Values]) throws {
    try deliver("投诉举报_\(part).csv", sheet("CMP", complaints).gb18030)
  }

  func links() throws -> [[String]] {
    try rows(
      "SELECT category, subject, rule FROM subject_link WHERE category <> 'ENT' ORDER BY record")
  }

  func candidates(asOf night: String? = nil) throws -> [[String]] {
    try rows(
      "SELECT source_record_id, subject, rule, score FROM subject_candidate ORDER BY 1, 4 DESC, "
        + "subject", asOf: night)
  }
}
