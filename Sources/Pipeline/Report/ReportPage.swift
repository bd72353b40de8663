package import Catalog
package import Warehouse

/// The records that a number of the report stands for.
package enum ReportLink: Sendable, Hashable {
  package enum State: String, Sendable {
    case returned, pending, held, withheld
  }

  /// Those that wait for somebody: of a state, a system, a category and a night, or of any.
  case open(
    State?, system: String? = nil, category: String? = nil, night: String? = nil)
  case cause(
    code: String, rule: String, element: String, system: String? = nil, night: String)
  /// What became of the records of a night's deliveries; nil for all of them. Of several nights, where the first
  /// is named too.
  case deliveries(
    BalanceTerm? = nil, system: String? = nil, category: String? = nil, since: String? = nil,
    night: String)
  case delivery(Int64)
  /// Those with values that differ from their owners'.
  case conflicts(rule: String, system: String? = nil)
  /// Those of a night whose subjects are known in this way.
  case subjects(SubjectKnowledge, night: String)
  /// Those of a night with a mistake in a core value.
  case coreMistakes(CoreDomain, night: String)
  /// Those of a night that were accepted with a note.
  case notes(night: String)
  /// No records but the elements of the catalog.
  case elements
}

/// The report of a night as one page: a file without script, style sheet or picture of its own beside it,
/// that can be sent by mail, printed and kept.
///
/// The page is HTML 5 in its XML form, so that any XML parser can check it. A further part of the report is
/// one more entry in ``sections``.
package struct ReportPage {
  let report: MorningReport
  let language: ReportLanguage
  /// Of the program, e.g. `qingyuan 0.1.0`.
  let version: String

  /// Where the records behind a number are; nil for a number that stands by itself.
  let place: @Sendable (ReportLink) -> String?

  /// - Parameter place: A report that is a file has nowhere to lead to.
  package init(
    _ report: MorningReport, language: ReportLanguage, version: String,
    place: @escaping @Sendable (ReportLink) -> String? = { _ in nil }
  ) {
    self.report = report
    self.language = language
    self.version = version
    self.place = place
  }

  /// What the page says without head and foot, for a page that has its own.
  package var content: HTML { "\(state)\(sections.compactMap { $0 })\(nothing)" }

  func linked(_ link: ReportLink, _ content: HTML) -> HTML {
    place(link).map { "<a href=\"\($0)\">\(content)</a>" } ?? content
  }

  /// One part of the page, in its place; nothing if the night has nothing for it.
  private var sections: [HTML?] {
    [
      figures, matrixSection, singleBalance, causeSection, conflictSection, subjectSection,
      heldSection,
      pendingSection,
      timelinessSection, fileSection, trendSection, appendedBalance, coverageSection,
    ]
  }

  package var text: String {
    let title = language.of("\(report.night) 夜间归集报告", "Report of the night \(report.night)")
    let page: HTML = """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="\(language.tag)" xml:lang="\(language.tag)">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="referrer" content="no-referrer"/>
      <title>\(title) · 清源</title>
      <style>
      \(HTML(stringLiteral: ReportStyle.sheet))
      </style>
      </head>
      <body>
      \(header)
      <main>
      \(state)
      \(sections.compactMap { $0 })
      \(nothing)
      </main>
      \(footer)
      </body>
      </html>

      """
    return page.text
  }

  // MARK: Head

  private var header: HTML {
    """
    <header>
    <h1>\(language.of("行政执法数据归集报告", "Enforcement data: report of the night"))</h1>
    <p class="meta"><span>\(language.date(report.night)) \(language.weekday(report.night))</span>
    <span>\(
      language.of(
        "第 \(report.publication.publication) 次发布", "publication \(report.publication.publication)")
    )</span>
    <span>\(language.of("发布时间", "published")) \(time)</span>
    <span>\(language.of("收到", "received")) \(
      language.of(
        "\(language.number(report.deliveryCount)) 批", "\(language.number(report.deliveryCount)) deliveries")
    )</span></p>
    </header>
    """
  }

  private var time: String {
    String(report.publication.publishedAt.replacing("T", with: " ").prefix(16))
  }

  /// What a night did not have; said, so that a missing section is not taken for a forgotten one.
  private var nothing: HTML {
    var words: [String] = []
    if report.held.isEmpty { words.append(language.of("挂起的批次", "held deliveries")) }
    if report.causes.isEmpty { words.append(language.of("退回问题", "reasons for returns")) }
    if report.pending.isEmpty { words.append(language.of("待引用的记录", "pending records")) }
    if report.missing.isEmpty { words.append(language.of("应到未到的类别", "missing categories")) }
    if report.drift.isEmpty { words.append(language.of("列的变化", "changed columns")) }
    guard !words.isEmpty else { return "" }
    let list = words.joined(separator: language.of("、", ", "))
    return
      "<p class=\"note\">\(language.of("本夜没有：", "This night had no ") + list + language.of("。", "."))</p>"
  }

  // MARK: Parts of every section

  func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
    "<section id=\"\(id)\" aria-labelledby=\"\(id)-title\">\n<h2 id=\"\(id)-title\">\(title)</h2>\n\(content)\n</section>\n"
  }

  /// A table that scrolls inside itself where the window is too narrow for it.
  func scrolling(_ name: String, _ table: HTML) -> HTML {
    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(name)\">\(table)</div>"
  }

  func note(_ text: String) -> HTML { "<p class=\"note\">\(text)</p>" }

  /// What a capped list leaves out.
  func more(_ shown: Int, of all: Int) -> HTML {
    guard all > shown else { return "" }
    return note(
      language.of(
        "另有 \(language.number(all - shown)) 项未列出，共 \(language.number(all)) 项。",
        "\(language.number(all - shown)) more are not listed; \(language.number(all)) in all."))
  }

  func number(_ value: Int, _ link: ReportLink? = nil) -> HTML {
    guard value > 0, let link else {
      return "<td class=\"n\">\(value == 0 ? "·" : language.number(value))</td>"
    }
    return "<td class=\"n\">\(linked(link, value))</td>"
  }

  func linked(_ link: ReportLink, _ value: Int) -> HTML {
    linked(link, "\(language.number(value))")
  }

  /// A name or sentence from outside, of bounded length and with a direction of its own.
  func foreign(_ text: String) -> HTML { "<bdi>\(language.cut(text))</bdi>" }

  func categoryName(_ id: String) -> String {
    let category = report.catalog.category(id)
    return language.of(category?.name ?? id, category?.english ?? id)
  }

  func systemName(_ id: String) -> String {
    let system = report.catalog.system(id)
    return language.of(system?.name ?? id, system?.english ?? id)
  }

  var target: String { language.percent(report.attainmentTarget) }

  func isBelow(_ share: Double?) -> Bool { (share ?? 1) < report.attainmentTarget }

  /// The deliveries of the year up to this night.
  func yearLink(
    _ term: BalanceTerm? = nil, system: String? = nil, category: String? = nil
  ) -> ReportLink {
    .deliveries(
      term, system: system, category: category, since: "\(report.night.prefix(4))-01-01",
      night: report.night)
  }
}
