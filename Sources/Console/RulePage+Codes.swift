import Catalog
import Pipeline
import Records
import Warehouse

/// A code list: its codes, who uses it, and what spellings come to.
extension RulePage {
  func codeList(_ list: CodeList) -> HTML {
    sheet(
      [
        (of("代码数", "values"), "\(list.values.count)"),
        (
          of("未知代码", "an unknown code"),
          list.isExtensible ? of("提示，记入新值观察", "is a note") : of("退回", "returns the record")
        ),
      ], paragraph(originTitle, language.origin(list.origin)))
      + values(list) + spellings(list) + users(list)
  }

  private func values(_ list: CodeList) -> HTML {
    let title = of("代码", "Values")
    let rows: [HTML] = list.values.map { value in
      let days = [value.from?.description, value.until?.description]
      let span = days.contains { $0 != nil } ? "\(days[0] ?? "") – \(days[1] ?? "")" : "·"
      return """
        <tr><th scope="row"><code>\(value.code)</code></th><td>\(value.label)</td><td>\(value.english)</td>
        <td>\(value.synonyms.joined(separator: of("、", ", ")))</td><td class="short">\(span)</td></tr>

        """
    }
    return section(
      "values", title,
      table(
        title,
        [
          (of("代码", "code"), false), (of("名称", "label"), false), (of("英文", "English"), false),
          (of("也写作", "also written"), false), (of("有效期", "in force"), false),
        ], rows))
  }

  // MARK: Spellings

  /// Lines of the table; the others are in the definitions.
  private static let shownSpellings = 60

  /// What the standardizer makes of a spelling.
  private struct Spelling {
    var text: String
    var meaning: String
    var origin: String
  }

  private func spellings(_ list: CodeList) -> HTML {
    let all = forms(list) + synonyms(list) + labels(list)
    guard !all.isEmpty else { return "" }
    let rows: [HTML] = all.prefix(Self.shownSpellings).map { spelling in
      """
      <tr><th scope="row"><bdi>\(spelling.text)</bdi></th><td>\(spelling.meaning)</td><td>\(spelling.origin)</td></tr>

      """
    }
    let rest = all.count - Self.shownSpellings
    let more: HTML =
      rest > 0 ? "<p class=\"note\">\(of("另 \(rest) 种", "\(rest) more"))</p>" : ""
    let title = of("写法怎样换成代码", "What spellings come to")
    return section(
      "spellings", title,
      table(
        title,
        [
          (of("收到的写法", "spelling"), false), (of("成为", "becomes"), false),
          (of("凭", "by"), false),
        ], rows) + more)
  }

  /// Forms in which every code of every list is read, with the first code for all.
  private func forms(_ list: CodeList) -> [Spelling] {
    guard let value = list.values.first else { return [] }
    let (code, label) = (value.code, value.label)
    let both = of("代码和名称连写", "code and label together")
    return [
      (label, of("名称", "label")), (value.english, of("英文名称", "English name")),
      ("\(code)-\(label)", both), ("\(code) \(label)", both), ("\(label)(\(code))", both),
    ].map { Spelling(text: $0.0, meaning: means([code], list), origin: $0.1) }
  }

  private func synonyms(_ list: CodeList) -> [Spelling] {
    let synonyms = list.values.flatMap { value in
      value.synonyms.map {
        Spelling(
          text: $0, meaning: means([value.code], list), origin: of("也写作", "also written"))
      }
    }
    let aliases = list.aliases.map {
      Spelling(text: $0.label, meaning: means($0.codes, list), origin: of("别名", "alias"))
    }
    let open = list.undecidable.map {
      Spelling(
        text: $0.label, meaning: of("不能判断，由人决定", "cannot be decided: a person does"),
        origin: $0.reason)
    }
    return synonyms + aliases + open
  }

  /// Labels that single systems have for codes.
  private func labels(_ list: CodeList) -> [Spelling] {
    var result: [Spelling] = []
    for adapter in catalog.adapters {
      var labels: [String: String] = [:]
      for column in adapter.categories.flatMap(\.allColumns)
      where column.element.flatMap(catalog.element)?.codeList == list.id {
        labels.merge(column.codes) { first, _ in first }
      }
      for (label, codes) in labels.sorted(by: { $0.key < $1.key }) {
        result.append(
          Spelling(
            text: label, meaning: means(codes.split(separator: ";").map(String.init), list),
            origin: "\(adapter.system) \(names.system(adapter.system))"))
      }
    }
    return result
  }

  private func means(_ codes: [String], _ list: CodeList) -> String {
    codes.map { code in
      let value = list.values.first { $0.code == code }
      return value.map { "\(code) \(of($0.label, $0.english))" } ?? code
    }.joined(separator: " + ")
  }

  // MARK: Elements

  private func users(_ list: CodeList) -> HTML {
    let wrong = Dictionary(grouping: findings.of(entry), by: \.element)
    let rows: [HTML] = catalog.elements.filter { $0.codeList == list.id }.map { element in
      """
      <tr><th scope="row">\(link(element.id))<span class="what">\(element.identifier)</span></th>
      <td>\(wrongCodes(element, wrong[element.identifier] ?? []))</td></tr>

      """
    }
    let title = of("用于", "Used by")
    return section(
      "users", title,
      table(
        title,
        [
          (of("数据元", "element"), false),
          (of("\(night) 的错误代码", "wrong codes of \(night)"), false),
        ], rows))
  }

  /// By issue, with the way to the records that wait.
  private func wrongCodes(_ element: DataElement, _ sums: [FindingSum]) -> HTML {
    let byCode = Dictionary(grouping: sums, by: \.code).sorted { $0.key < $1.key }
    let counts: [HTML] = byCode.map { code, sums in
      let count = language.number(sums.reduce(0) { $0 + $1.count })
      let address = Address("/queue").with("code", code).with("element", element.identifier)
        .with("night", night)
      // Notes are no reason for a record to be in the queue.
      let waits = mayOpen && sums.contains { $0.severity != Severity.note.rawValue }
      let number: HTML = waits ? "<a href=\"\(address.text)\">\(count)</a>" : "\(count)"
      return "<span class=\"tag\">\(code)</span> \(names.issue(code)) \(number) "
    }
    return counts.isEmpty ? "·" : "\(counts)"
  }
}
