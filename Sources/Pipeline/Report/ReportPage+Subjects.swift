import Warehouse

/// Which registrations the subjects of the night's records are (主体匹配).
extension ReportPage {
  var subjectSection: HTML? {
    let tally = report.subjects
    guard tally.total > 0 else { return nil }
    func count(_ knowledge: SubjectKnowledge) -> HTML {
      let count = tally[knowledge]
      if count == 0 { return "0" }
      // The others have a code that tells, and stand in no list.
      return knowledge == .code
        ? "\(language.number(count))" : linked(.subjects(knowledge, night: report.night), count)
    }
    let total = linked(
      .deliveries(.accepted, night: report.night), tally.total)
    let person: HTML
    let text: HTML
    if language == .chinese {
      person = tally[.person] > 0 ? "，经人工确认 \(count(.person)) 条" : ""
      text = """
        本夜 \(total) 条记录载有主体：凭统一社会信用代码关联 \(count(.code)) 条，凭注册号和名称关联 \(
          count(.number)) 条\(person)；\(count(.candidates)) 条只有候选、待人工判断（qingyuan match list），\(
          count(.unknown)) 条在登记中未找到线索。
        """
    } else {
      person = tally[.person] > 0 ? ", \(count(.person)) by a person" : ""
      text = """
        \(total) records of this night name a subject: \(count(.code)) are linked by code, \(
          count(.number)) by number and name\(person); \(
          count(.candidates)) have candidates and wait for a person (qingyuan match list), of \(
          count(.unknown)) nothing is known.
        """
    }
    return section(
      "subjects", language.of("主体匹配", "Subjects of records"), "<div><p>\(text)</p></div>")
  }
}
