import Warehouse

/// Which registrations the subjects of the night's records are (主体匹配).
extension ReportPage {
  var subjectSection: HTML? {
    let tally = report.subjects
    guard tally.total > 0 else { return nil }
    func count(_ knowledge: SubjectKnowledge) -> String { language.number(tally[knowledge]) }
    let confirmed = tally[.person] > 0
    let text = language.of(
      "本夜 \(language.number(tally.total)) 条记录载有主体：凭统一社会信用代码关联 \(count(.code)) 条，凭注册号和名称关联 "
        + "\(count(.number)) 条\(confirmed ? "，经人工确认 \(count(.person)) 条" : "")；"
        + "\(count(.candidates)) 条只有候选、待人工判断（qingyuan match list），"
        + "\(count(.unknown)) 条在登记中未找到线索。",
      "\(language.number(tally.total)) records of this night name a subject: \(count(.code)) are linked by "
        + "code, \(count(.number)) by number and name"
        + "\(confirmed ? ", \(count(.person)) by a person" : ""); \(count(.candidates)) have candidates "
        + "and wait for a person (qingyuan match list), of \(count(.unknown)) nothing is known.")
    return section(
      "subjects", language.of("主体匹配", "Subjects of records"), "<div><p>\(text)</p></div>")
  }
}
