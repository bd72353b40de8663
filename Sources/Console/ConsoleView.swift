import Pipeline

/// What pages have in common.
protocol ConsoleView {
  var language: ReportLanguage { get }
}

extension ConsoleView {
  func of(_ chinese: String, _ english: String) -> String { language.of(chinese, english) }

  // MARK: Tables

  func head(_ names: [(String, isNumber: Bool)]) -> HTML {
    let cells: [HTML] = names.map { name, isNumber in
      isNumber ? "<th scope=\"col\" class=\"n\">\(name)</th>" : "<th scope=\"col\">\(name)</th>"
    }
    return "<thead><tr>\(cells)</tr></thead>"
  }

  func scrolling(_ name: String, _ table: HTML) -> HTML {
    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(name)\">\(table)</div>"
  }

  func table(_ name: String, _ heads: [(String, isNumber: Bool)], _ rows: [HTML]) -> HTML {
    scrolling(name, "<table class=\"lines\">\(head(heads))<tbody>\(rows)</tbody></table>")
  }

  /// - Parameters:
  ///   - back: The page before.
  ///   - first: The first page, of a list that knows no page before.
  func pages(back: String? = nil, first: String? = nil, next: String?) -> HTML {
    guard back != nil || first != nil || next != nil else { return "" }
    let start: HTML = first.map { "<a href=\"\($0)\">\(of("回到首页", "First page"))</a>" } ?? ""
    let before: HTML =
      back.map { "<a href=\"\($0)\" rel=\"prev\">← \(of("返回", "back"))</a>" } ?? ""
    let after: HTML =
      next.map { "<a href=\"\($0)\" rel=\"next\">\(of("下一页", "next page")) →</a>" } ?? ""
    return
      "<nav class=\"pages\" aria-label=\"\(of("翻页", "pages"))\">\(start)\(before)\(after)</nav>"
  }

  // MARK: Parts of a page

  func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
    """
    <section class="sheet" aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>\(content)</section>

    """
  }

  func facts(_ entries: [(String, String)]) -> HTML {
    let list: [HTML] = entries.filter { !$0.1.isEmpty }.map {
      "<div><dt>\($0.0)</dt><dd><bdi>\($0.1)</bdi></dd></div>"
    }
    return "<dl class=\"facts\">\(list)</dl>"
  }

  func tabs(_ name: String, _ entries: [(title: String, address: String, isCurrent: Bool)]) -> HTML
  {
    let links: [HTML] = entries.map { entry in
      let current: HTML = entry.isCurrent ? " aria-current=\"true\"" : ""
      return "<a href=\"\(entry.address)\"\(current)>\(entry.title)</a>"
    }
    return "<nav class=\"tabs\" aria-label=\"\(name)\">\(links)</nav>"
  }

  // MARK: Forms

  /// A choice of one value.
  ///
  /// - Parameter values: As sent and as shown.
  func select(
    _ name: String, _ label: String, _ values: [(value: String, title: String)], chosen: String
  ) -> HTML {
    let options: [HTML] = values.map { entry in
      let mark: HTML = entry.value == chosen ? " selected=\"selected\"" : ""
      return "<option value=\"\(entry.value)\"\(mark)>\(entry.title)</option>"
    }
    return """
      <label>\(label) <select name="\(name)">\(options)</select></label>

      """
  }

  func field(_ name: String, _ label: String, _ value: String, type: String = "text") -> HTML {
    """
    <label>\(label) <input name="\(name)" type="\(type)" maxlength="200" value="\(value)"/></label>

    """
  }
}

extension HTML.StringInterpolation {
  /// An attribute that is there or not. A choice of two texts would be a value, and be escaped.
  mutating func appendInterpolation(flag name: String, _ isSet: Bool) {
    if isSet { appendInterpolation(HTML(stringLiteral: " \(name)=\"\(name)\"")) }
  }
}
