import Catalog
import Pipeline
import Review
import Sharing
import Warehouse
import WarehouseSQLite

/// One record: why it is here, what was received beside what became of it, what others say, what was before.
struct RecordPage {
  let record: RecordCase
  let catalog: Catalog
  let language: ReportLanguage
  let session: Session
  /// Whose pages say more of what decided.
  let rules: RuleBook
  /// What was typed, where it has to be typed again.
  var form: [String: String] = [:]

  private var words: ConsoleWords { ConsoleWords(language) }
  private var names: CatalogNames { CatalogNames(catalog, language) }

  var title: String {
    "\(record.system.id) \(names.category(record.category.id)) · "
      + language.of(
        "批次 \(record.delivery.id) 第 \(record.recordNumber) 条",
        "delivery \(record.delivery.id), record \(record.recordNumber)")
  }

  var content: HTML {
    let neighbours: [HTML] = record.neighbours.map(self.neighbours)
    return "\(facts)\(denial)\(reasons)\(fields)\(rows)\(raw)\(neighbours)\(history)"
  }

  // MARK: Facts

  private var facts: HTML {
    var entries: [(String, String)] = [
      (
        language.of("状态", "status"),
        record.closedNight.map { night in
          words.status(record.status) + language.of("，\(night) 已结束", ", ended \(night)")
        } ?? words.status(record.status)
      ),
      (language.of("夜", "night"), record.night),
      (language.of("第几次", "attempt"), "\(record.attempt)"),
      (language.of("文件", "file"), language.cut(record.delivery.fileName)),
      (
        language.of("位置", "place"),
        language.of(
          "第 \(record.recordNumber) 条，第 \(record.line) 行，第 \(language.number(record.byteOffset)) 字节起",
          "record \(record.recordNumber), line \(record.line), from byte \(language.number(record.byteOffset))"
        )
      ), (language.of("编码", "encoding"), record.delivery.encoding),
    ]
    if let due = record.due {
      entries.append((language.of("等待至", "waits until"), due))
    }
    let list: [HTML] = entries.map { "<div><dt>\($0.0)</dt><dd><bdi>\($0.1)</bdi></dd></div>" }
    return "<div class=\"sheet\"><dl class=\"facts\">\(list)</dl></div>"
  }

  private var denial: HTML {
    guard let denial = record.denial else { return "" }
    return """
      <p class="alert">\(language.of("按共享规则，您不能查看这条记录的内容：", "By the rules of sharing you may not see what this record says: ") + language.of(denial.name, denial.english))</p>
      """
  }

  // MARK: Reasons

  private var reasons: HTML {
    let items: [HTML] = record.reasons.enumerated().map { index, reason in
      let fix = language.of(reason.fixChinese, reason.fixEnglish)
      let advice: HTML =
        fix.isEmpty
        ? "" : "<p>\(language.of("怎么改：", "What to do: ") + fix)</p>"
      return """
        <li id="reason-\(index + 1)"><span class="sign">\(sign(index))</span><div>
        <p><b>\(language.of(reason.chinese, reason.english))</b></p>\(advice)
        \(confirmation(reason))<p class="rule">\(code(reason)) · \(words.severity(reason.finding.severity)) · \(rule(reason))</p></div></li>

        """
    }
    let isAccepted = record.status == "accepted"
    let nothing =
      isAccepted
      ? language.of("没有提示。", "Nothing was noted.") : language.of("没有记下原因。", "No reason was kept.")
    let list: HTML =
      items.isEmpty ? "<p>\(nothing)</p>" : "<ol class=\"reasons\">\(items)</ol>"
    let title =
      isAccepted
      ? language.of("核验时的提示", "What was noted") : language.of("为什么在这里", "Why it is here")
    return """
      <section class="sheet" aria-labelledby="why"><h2 id="why">\(title)</h2>\(list)</section>
      """
  }

  /// Where it is said what an unknown code means.
  private func confirmation(_ reason: RecordCase.Reason) -> HTML {
    let finding = reason.finding
    guard ActDesk.may(.code, session.account.role), let element = reason.element,
      element.codeList != nil,
      finding.rule.hasSuffix(".domain") || finding.rule.hasSuffix(".new-value"),
      !finding.value.isEmpty, finding.value != FindingTexts.masked(finding).value
    else { return "" }
    let address = CodeForm.address(element, finding.value, row: record.row)
    return
      "<p><a href=\"\(address)\">\(language.of("这是新的代码，或已有代码的另一种写法", "It is a new code, or another spelling of one"))</a></p>"
  }

  private func code(_ reason: RecordCase.Reason) -> HTML {
    let issue = reason.issue.map { language.of($0.name, $0.english) } ?? ""
    let code = reason.finding.code
    return code.isEmpty ? "\(names.issue(code))" : "<span class=\"tag\">\(code)</span> \(issue)"
  }

  func sign(_ index: Int) -> String { "\(index + 1)" }

  private func rule(_ reason: RecordCase.Reason) -> HTML {
    let id = reason.finding.rule
    guard let rule = reason.rule else {
      let origin = language.origin(reason.element?.origin ?? "")
      return
        "\(linked(id, names.rule(id))) <code>\(id)</code> \(origin.isEmpty ? "" : language.of("依据：", "origin: ") + origin)"
    }
    let condition: HTML =
      rule.condition.isEmpty
      ? "" : " \(language.of("应满足", "must hold")) <code>\(rule.condition)</code>"
    let name = "\(rule.id) \(language.of(rule.name, rule.english))"
    let origin = language.of("依据：", "origin: ") + language.origin(rule.origin)
    return "\(linked(id, name))\(condition) \(origin)"
  }

  /// The name of a rule, with the way to its page where it has one.
  private func linked(_ rule: String, _ name: String) -> HTML {
    guard let entry = rules.entry(ofRule: rule) else { return "\(name)" }
    return "<a href=\"/rules/\(entry.id)\">\(name)</a>"
  }

  // MARK: Values

  var mask: HTML {
    "<span class=\"mask\">\(language.of("受限，不显示", "withheld"))</span>"
  }

  func value(_ value: RecordCase.Value) -> HTML {
    switch value {
    case .empty: "<span class=\"muted\">–</span>"
    case .shown(let text): "<bdi>\(language.cut(text, to: 600))</bdi>"
    case .masked(let text):
      "<bdi class=\"mask\">\(language.cut(text))</bdi> <span class=\"tag\">\(language.of("脱敏", "masked"))</span>"
    case .withheld: mask
    }
  }

  private var fields: HTML {
    guard !record.fields.isEmpty else {
      return """
        <section class="sheet" aria-labelledby="fields"><h2 id="fields">\(fieldsTitle)</h2><p>\(
          language.of(
            "这条记录无法按字段拆开，或原始文件已超过保存期限。",
            "The record could not be taken apart, or its file is not in the archive any more."))</p></section>
        """
    }
    // What is wrong comes first; the rest follows in the order of the file.
    let wrong = record.fields.filter { !$0.reasons.isEmpty }
    let rest = record.fields.filter { $0.reasons.isEmpty }
    let rows: [HTML] = (wrong + rest).map(row)
    return """
      <section class="sheet" aria-labelledby="fields"><h2 id="fields">\(fieldsTitle)</h2>
      <div class="scroll" role="region" tabindex="0" aria-label="\(fieldsTitle)"><table class="fields">
      <thead><tr><th scope="col">\(language.of("数据元", "element"))</th><th scope="col">\(
        language.of("收到的列", "column received"))</th><th scope="col">\(
        language.of("收到的内容", "as received"))</th><th scope="col">\(
        language.of("标准化之后", "standardized"))</th></tr></thead>
      <tbody>\(rows)</tbody></table></div></section>
      """
  }

  private var fieldsTitle: String {
    language.of("收到的内容与标准化结果", "What was received and what became of it")
  }

  func signs(_ reasons: [Int]) -> [HTML] {
    reasons.map { "<a href=\"#reason-\($0 + 1)\" class=\"sign\">\(sign($0))</a> " }
  }

  private func row(_ field: RecordCase.Field) -> HTML {
    let signs = signs(field.reasons)
    let name: HTML =
      field.element.map {
        "\(language.of($0.name, $0.english)) <span class=\"muted\">\($0.id)</span>"
      } ?? "<span class=\"muted\">\(language.of("无对应数据元", "no element"))</span>"
    let received: HTML =
      field.reasons.isEmpty || field.received.text == nil
      ? value(field.received) : "<mark>\(value(field.received))</mark>"
    return """
      <tr class="\(field.reasons.isEmpty ? "" : "wrong")"><th scope="row">\(signs)\(name)</th><td><bdi>\(field.name)</bdi></td><td>\(received)</td><td>\(value(field.standardized))</td></tr>

      """
  }

  private var raw: HTML {
    let body: HTML
    switch record.raw {
    case .shown(let pieces):
      let parts: [HTML] = pieces.map { piece in
        piece.isMarked ? "<mark>\(piece.text)</mark>" : "\(piece.text)"
      }
      body = "<pre class=\"raw\" tabindex=\"0\">\(parts)</pre>"
    case .withheld:
      body = """
        <p>\(language.of("原文含有超出您查看级别的内容，不整段显示；可以看的部分见上表。", "The text holds values above your clearance and is not shown as a whole; what you may see is in the table."))</p>
        """
    case .gone:
      body =
        "<p>\(language.of("原始文件已超过保存期限。", "The file is not in the archive any more."))</p>"
    }
    return """
      <section class="sheet" aria-labelledby="raw"><h2 id="raw">\(language.of("原文", "The record as it came"))</h2>\(body)</section>
      """
  }

  // MARK: Others

  private func neighbours(_ found: RecordCase.Neighbours) -> HTML {
    let id = "others-\(found.entity.id)"
    let title =
      language.of("各系统怎么说：", "What all systems say: ")
      + language.of(found.entity.name, found.entity.id)
    let heads: [HTML] = found.speakers.enumerated().map { index, speaker in
      """
      <th scope="col">[\(index + 1)] \(place(speaker))<span class="what">\(speaker.night)</span></th>
      """
    }
    let disputed = found.lines.filter(\.isDisputed)
    let agreed = found.lines.filter { !$0.isDisputed }
    func rows(_ lines: [RecordCase.Neighbours.Line]) -> HTML {
      HTML.joined(
        lines.map { line in
          let values: [HTML] = line.values.enumerated().map { index, said in
            let winner: HTML = line.winner == index ? " class=\"winner\"" : ""
            return "<td\(winner)>\(value(said))</td>"
          }
          let source: HTML =
            line.winner.map { " <span class=\"muted\">[\($0 + 1)]</span>" } ?? ""
          let rule: HTML =
            line.rule.isEmpty
            ? "" : " <span class=\"muted\">\(linked(line.rule, names.rule(line.rule)))</span>"
          return """
            <tr class="\(line.isDisputed ? "disputed" : "")"><th scope="row">\(
              language.of(line.element.name, line.element.english))</th><td>\(value(line.golden))\(source)\(rule)</td>\(values)</tr>

            """
        })
    }
    func table(_ lines: [RecordCase.Neighbours.Line], _ name: String) -> HTML {
      guard !lines.isEmpty else { return "" }
      return """
        <div class="scroll" role="region" tabindex="0" aria-label="\(name)"><table class="voices">
        <thead><tr><th scope="col">\(language.of("数据元", "element"))</th><th scope="col">\(
          language.of("金标准", "golden"))</th>\(heads)</tr></thead><tbody>\(rows(lines))</tbody></table></div>
        """
    }
    let agreedTitle = language.of("说法一致的 \(agreed.count) 项", "\(agreed.count) on which they agree")
    let rest: HTML =
      agreed.isEmpty
      ? "" : "<details><summary>\(agreedTitle)</summary>\(table(agreed, agreedTitle))</details>"
    let first: HTML =
      disputed.isEmpty
      ? "<p>\(language.of("没有不同的说法。", "Nobody says anything else."))</p>" : table(disputed, title)
    return """
      <section class="sheet" aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>\(first)\(rest)\(overrides(found))</section>
      """
  }

  /// Who speaks, and where it stands in what they delivered; the way to the record for whoever may open it.
  private func place(_ speaker: RecordCase.Neighbours.Speaker) -> HTML {
    let mayOpen =
      speaker.row > 0 && speaker.row != record.row && session.account.sees(speaker.system)
    let name: HTML =
      mayOpen
      ? "<a href=\"/record/\(Int(speaker.row))\">\(speaker.system)</a>" : "\(speaker.system)"
    let file = language.cut(speaker.fileName, to: 60)
    let number = language.number(speaker.line)
    let line = language.of("第 \(number) 行", "line \(number)")
    return "\(name)<span class=\"what\"><bdi>\(file)</bdi> \(line)</span>"
  }

  /// An act belongs to a record that waits for somebody.
  private func overrides(_ found: RecordCase.Neighbours) -> HTML {
    guard record.isInQuarantine else { return "" }
    return OverrideForms(
      found: found, row: record.row, session: session, language: language, form: form,
      value: value
    ).html
  }

  private var history: HTML {
    let attempts: [HTML] = record.attempts.map { attempt in
      let isThis = attempt.row == record.row
      let label = language.of("第 \(attempt.number) 次", "attempt \(attempt.number)")
      let link: HTML =
        isThis
        ? "<b>\(label)</b>" : "<a href=\"/record/\(Int(attempt.row))\">\(label)</a>"
      let end =
        attempt.closedNight.map { language.of("，\($0) 结束", ", ended \($0)") }
        ?? language.of("，未结束", ", open")
      return """
        <tr><th scope="row">\(attempt.night)</th><td>\(link)</td><td>\(words.status(attempt.status) + end)</td><td>\(attempt.codes.joined(separator: " "))</td></tr>

        """
    }
    let versions: [HTML] = record.versions.map { version in
      let end =
        version.closedNight.map { language.of("至 \($0)", "until \($0)") }
        ?? language.of("现行", "current")
      return """
        <tr><th scope="row">\(version.night)</th><td>\(version.system)</td><td>\(language.of("已入库", "accepted")) \(end)</td><td></td></tr>

        """
    }
    let title = language.of("逐夜经过", "Night by night")
    let rows = attempts + versions
    guard !rows.isEmpty else { return "" }
    return """
      <section class="sheet" aria-labelledby="history"><h2 id="history">\(title)</h2>
      <div class="scroll" role="region" tabindex="0" aria-label="\(title)"><table><thead><tr><th scope="col">\(
        language.of("夜", "night"))</th><th scope="col">\(language.of("哪一次", "which"))</th><th scope="col">\(
        language.of("结果", "result"))</th><th scope="col">\(language.of("问题", "issues"))</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }
}
