import Catalog
import Warehouse

/// How the numbers are made, and how anybody can make them again.
extension ReportPage {
  /// Queries over the documented tables that give the numbers of a section.
  package var queries: [(title: String, sql: String)] {
    let night = report.night
    let number = report.publication.publication
    let isShown = "opened_by <= \(number) AND (closed_by IS NULL OR closed_by > \(number))"
    let isReturned =
      "\(isShown) AND row_id IN (SELECT row_id FROM quarantined_record WHERE \(isShown))"
    let counts = [
      "read", "accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted",
    ].map { "sum(\($0)) AS \($0)" }.joined(separator: ", ")
    return [
      (
        language.of("平衡表与达标率", "balance and attainment"),
        "SELECT system, category, \(counts), sum(accepted_first) * 1.0 / "
          + "sum(accepted_first + returned_first) AS attainment FROM delivery_ledger "
          + "WHERE night = '\(night)' GROUP BY system, category"
      ),
      (
        language.of("退回原因", "reasons of returns"),
        "SELECT f.code, f.rule, f.element, count(*) AS count FROM (SELECT row_id, code, rule, element, "
          + "severity FROM finding UNION ALL SELECT row_id, code, rule, element, severity FROM label "
          + "WHERE \(isReturned) UNION ALL SELECT row_id, '\(AuthorityRule.issue.rawValue)', rule, element, "
          + "severity FROM conflict WHERE \(isReturned)) AS f JOIN delivery_ledger AS d "
          + "ON d.delivery = f.row_id >> 32 WHERE d.night = '\(night)' AND f.severity <> 'note' "
          + "GROUP BY 1, 2, 3 ORDER BY 4 DESC"
      ),
      (
        language.of("与权威来源不一致", "differences from owners"),
        "SELECT rule, system, count(*) AS standing FROM authority_conflict GROUP BY 1, 2 ORDER BY 3 DESC"
      ),
      (
        language.of("退回的记录", "the returned records"),
        "SELECT system, category, record_number, attempt FROM returned_record WHERE night = '\(night)'"
      ),
      (
        language.of("核心数据准确率", "core accuracy"),
        "SELECT m.name, m.domain, sum(m.value) AS value FROM measure AS m JOIN delivery_ledger AS d "
          + "USING (delivery) WHERE d.night = '\(night)' AND m.name LIKE 'core-%' GROUP BY 1, 2"
      ),
    ]
  }

  private var explanations: [(String, String)] {
    [
      (
        language.of("达标率", "Attainment"),
        language.of(
          "首次报送入库 ÷（首次报送入库 + 首次报送退回），按系统、类别逐夜计算，目标 \(target)。未变化、重复、再次报送和删除不计入。"
            + "百分数一律舍去第三位小数，不四舍五入。",
          "First submissions accepted ÷ (accepted + returned), by system and category; target \(target). "
            + "Unchanged records, duplicates, resubmissions and deletions are left out. Percentages are "
            + "cut, never rounded up.")
      ),
      (
        language.of("核心数据准确率", "Core accuracy"),
        language.of(
          "1 − 有误的核心值 ÷ 核心值总数。“报送时”针对收到的全部记录；“发布后”针对已入库的记录，由独立复核从数据表重新读出判定。",
          "1 − wrong core values ÷ core values: as delivered over everything that came, as published over "
            + "what was loaded, read back from the tables by an independent pass.")
      ),
      (
        language.of("时限", "Timeliness"),
        language.of(
          "应到日由各系统报送约定推算；逾期按国务院公布的工作日历计算工作日，应到当夜不计。",
          "Due dates follow the contract of each system; overdue days are working days of the official "
            + "calendar, the due night itself not counted.")
      ),
      (
        language.of("口径", "As of"),
        language.of(
          "数字取自台账，截至本夜第 \(report.publication.publication) 次发布；收件箱中未接收的文件只在当夜的报告中列出。",
          "The numbers come from the ledger as of publication \(report.publication.publication); files left "
            + "in the inbox are listed only in the report made that night.")
      ),
    ]
  }

  var footer: HTML {
    let texts: [HTML] = explanations.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" }
    let commands: [HTML] = queries.map { query in
      """
      <dt>\(query.title)</dt><dd><pre><code>qingyuan query --as-of \(report.night) "\(query.sql)"</code></pre></dd>

      """
    }
    return """
      <footer>
      <h2>\(language.of("数字从何而来", "Where the numbers come from"))</h2>
      <dl>
      \(texts)<dt>\(language.of("规则集", "Rule set"))</dt><dd><code>\(report.publication.ruleSetHash)</code></dd>
      <dt>\(language.of("程序", "Program"))</dt><dd>\(version)</dd>
      </dl>
      <details class="screen"><summary>\(language.of("核对用查询", "Queries to check them"))</summary>
      <dl>
      \(commands)</dl></details>
      </footer>
      """
  }
}
