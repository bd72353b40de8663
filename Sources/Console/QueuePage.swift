import Catalog
import Pipeline
import Review
import Warehouse

/// The queue: facets at the side, lines of one cause or single records beside them.
struct QueuePage: ConsoleView {
  let queue: ReviewQueue
  let catalog: Catalog
  let language: ReportLanguage
  let request: QueueRequest
  /// Deliveries that wait for a person, of the systems that the person sees.
  let held: [DeliveryEntry]
  /// Records that fit the filter, by the user to whom they are assigned.
  var assigned: [String: Int] = [:]
  /// Records that fit the filter and are waived.
  var waived = 0
  /// Who looks.
  var user = ""
  /// What was done about records; nil where it is not shown.
  var acts: ActStore?
  /// Whether the person may do something about them.
  var mayAct = false
  var formToken = ""
  var now: Int64 = 0

  /// Values of a facet that are shown before the rest is folded away.
  private static let shownValues = 8
  /// Values in the fold; the others are found by their names.
  private static let foldedValues = 60
  /// Lines on one page.
  static let linesPerPage = 60

  private var words: ConsoleWords { ConsoleWords(language) }
  private var names: CatalogNames { CatalogNames(catalog, language) }

  /// - Returns: The page, and the records whose keys are on it.
  func content() throws -> (html: HTML, items: [ReviewQueue.Item]) {
    let (results, items) = request.isHeld ? (heldList, []) : try self.results()
    let html: HTML = """
      <div class="workbench">
      <div class="results">
      <p class="to-facets"><a href="#facets">\(language.of("到筛选条件 ↓", "To the filter ↓"))</a></p>
      \(search)
      \(chosen)
      \(results)
      </div>
      \(facets)
      </div>
      """
    return (html, items)
  }

  // MARK: Facets

  private var facets: HTML {
    let counts = queue.facets(request.filter)
    let groups: [HTML] = QueueFilter.Facet.allCases.map { facet in
      group(facet, counts[facet] ?? [:])
    }
    return """
      <nav id="facets" class="facets sheet" aria-label="\(language.of("筛选", "filter"))">
      <details class="all" open="open"><summary>\(language.of("筛选", "Filter"))</summary>
      \(heldEntry)\(assignees)\(waivedEntry)\(groups)
      </details></nav>
      """
  }

  private var heldEntry: HTML {
    guard !held.isEmpty || request.isHeld else { return "" }
    let current: HTML = request.isHeld ? " aria-current=\"true\"" : ""
    return """
      <h2>\(language.of("批次", "deliveries"))</h2><ul><li><a href="\(request.address.with("held", request.isHeld ? nil : "1").text)"\(current)><span class="label">\(
        language.of("挂起的批次", "held deliveries"))</span><span class="count">\(language.number(held.count))</span></a></li></ul>
      """
  }

  /// To whom records are assigned; the person's own come first.
  private var assignees: HTML {
    let own = user.lowercased()
    var counts = assigned
    if let chosen = request.assignee, counts[chosen] == nil { counts[chosen] = 0 }
    guard !counts.isEmpty else { return "" }
    let sorted = counts.sorted { left, right in
      (left.key == own ? 0 : 1, -left.value, left.key)
        < (right.key == own ? 0 : 1, -right.value, right.key)
    }
    let entries: [HTML] = sorted.prefix(Self.foldedValues).map { assignee, count in
      let isChosen = assignee == request.assignee
      let current: HTML = isChosen ? " aria-current=\"true\"" : ""
      let address = request.start.with("assigned", isChosen ? nil : assignee).text
      return """
        <li><a href="\(address)"\(current)><span class="label">\(name(assignee: assignee))</span><span class="count">\(
          language.number(count))</span></a></li>

        """
    }
    return "<h2>\(language.of("指派", "assigned"))</h2><ul>\(entries)</ul>"
  }

  private var waivedEntry: HTML {
    guard waived > 0 || request.isWaived else { return "" }
    let current: HTML = request.isWaived ? " aria-current=\"true\"" : ""
    return """
      <h2>\(language.of("豁免", "waivers"))</h2><ul><li><a href="\(request.start.with("assigned", nil).with("waived", request.isWaived ? nil : "1").text)"\(current)><span class="label">\(
        Self.waivedName(language))</span><span class="count">\(language.number(waived))</span></a></li></ul>
      """
  }

  private static func waivedName(_ language: ReportLanguage) -> String {
    language.of("豁免中，暂不催办", "waived for now")
  }

  private func name(assignee: String) -> String {
    assignee == user.lowercased() ? language.of("指派给我的", "to me") : assignee
  }

  private func group(_ facet: QueueFilter.Facet, _ counts: [String: Int]) -> HTML {
    let chosen = request.filter[facet]
    var values = counts
    if let chosen, values[chosen] == nil { values[chosen] = 0 }
    guard !values.isEmpty else { return "" }
    let sorted = values.sorted { left, right in
      switch facet {
      case .age, .attempt: order(facet, left.key) < order(facet, right.key)
      case .night: left.key > right.key
      default: (right.value, left.key) < (left.value, right.key)
      }
    }
    let entries: [HTML] = sorted.prefix(Self.shownValues + Self.foldedValues).map { value, count in
      let isChosen = value == chosen
      let address = request.start.choosing(facet, isChosen ? nil : value).text
      let current: HTML = isChosen ? " aria-current=\"true\"" : ""
      let title = name(facet, value)
      return """
        <li><a href="\(address)"\(current)><span class="label">\(title)</span><span class="count">\(
          language.number(count))</span></a></li>

        """
    }
    let first = HTML.joined(Array(entries.prefix(Self.shownValues)))
    let folded = Array(entries.dropFirst(Self.shownValues))
    let rest = sorted.count - Self.shownValues
    let more: HTML =
      rest > 0
      ? """
      <details><summary>\(language.of("另 \(rest) 项", "\(rest) more"))</summary><ul>\(
        HTML.joined(folded))\(beyond(rest - folded.count))</ul></details>
      """ : ""
    return "<h2>\(words.facet(facet))</h2><ul>\(first)</ul>\(more)"
  }

  private func beyond(_ count: Int) -> HTML {
    guard count > 0 else { return "" }
    let text = language.of("还有 \(count) 项，请用查找", "\(count) more; use the search")
    return "<li class=\"muted\">\(text)</li>"
  }

  private func order(_ facet: QueueFilter.Facet, _ value: String) -> Int {
    facet == .age
      ? QueueFilter.Age.allCases.firstIndex { $0.rawValue == value } ?? 9
      : Int(value.prefix { $0 != "+" }) ?? 9
  }

  private func name(_ facet: QueueFilter.Facet, _ value: String) -> String {
    switch facet {
    case .status: words.status(value)
    case .system: "\(value) \(names.system(value))"
    case .category: "\(value) \(names.category(value))"
    case .code: value.isEmpty ? language.of("无", "none") : "\(value) \(names.issue(value))"
    case .rule: names.rule(value)
    case .element: value.isEmpty ? language.of("整条记录", "the record") : names.element(value)
    case .severity: words.severity(value)
    case .age: words.age(value)
    case .night: value
    case .attempt: words.attempt(value)
    }
  }

  private var search: HTML {
    let hidden: [HTML] = request.hidden.map { name, value in
      "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\"/>"
    }
    let label = language.of(
      "按记录号、业务键开头，或问题、规则、数据元、类别的名称查找",
      "find by the beginning of a record number or key, or by the name of an issue, rule, element, category"
    )
    return """
      <form class="search" method="get" action="/queue" role="search">\(hidden)
      <label class="hidden" for="q">\(label)</label>
      <input id="q" name="q" type="search" maxlength="200" value="\(request.filter.text)" placeholder="\(label)"/>
      <button>\(language.of("查找", "Find"))</button></form>
      """
  }

  private var chosen: HTML {
    var entries: [HTML] = QueueFilter.Facet.allCases.compactMap { facet in
      request.filter[facet].map { value in
        chip(
          "\(words.facet(facet))：\(name(facet, value))",
          request.start.choosing(facet, nil).text)
      }
    }
    if let assignee = request.assignee {
      entries.append(
        chip(
          "\(language.of("指派", "assigned"))：\(name(assignee: assignee))",
          request.start.with("assigned", nil).text))
    }
    if request.isWaived {
      entries.append(
        chip(Self.waivedName(language), request.start.with("waived", nil).text))
    }
    if !request.filter.text.isEmpty {
      entries.append(
        chip("“\(request.filter.text)”", request.start.with("q", nil).text))
    }
    guard !entries.isEmpty else { return "" }
    entries.append(
      "<li><a href=\"/queue\">\(language.of("全部清除", "Clear all"))</a></li>")
    return "<ul class=\"chosen\" aria-label=\"\(language.of("当前筛选", "chosen"))\">\(entries)</ul>"
  }

  private func chip(_ text: String, _ address: String) -> HTML {
    """
    <li><a href="\(address)" aria-label="\(language.of("去掉", "remove")) \(text)">\(text) ×</a></li>

    """
  }

  // MARK: Results

  private func results() throws -> (HTML, [ReviewQueue.Item]) {
    let count = queue.count(request.filter)
    if count == 0, !request.filter.text.isEmpty { return try keyResults() }
    guard count > 0 else { return (nothing, []) }
    if request.isList { return try list(count) }
    let lines = queue.lines(request.filter, order: request.lineOrder)
    let kinds = language.number(lines.count)
    return (sheet(count, language.of("，\(kinds) 种原因", ", \(kinds) causes"), causes(lines)), [])
  }

  /// Where all of them are dealt with in one step.
  private var bulk: HTML {
    // A recipe knows the filter and not to whom records are assigned, or which are waived.
    guard mayAct, request.isList, request.assignee == nil, !request.isWaived else { return "" }
    let address = Address("/queue/act" + String(request.start.text.dropFirst("/queue".count)))
    return
      "<p><a class=\"button\" href=\"\(address.text)\">\(language.of("批量处理", "Deal with all"))</a></p>"
  }

  private func sheet(_ count: Int, _ more: String, _ table: HTML) -> HTML {
    let summary =
      language.of("\(language.number(count)) 条记录", "\(language.number(count)) records") + more
    return """
      <div class="sheet"><div class="summary"><p><b>\(summary)</b>\(language.of("，截至 ", ", as of ") + queue.night)</p>
      \(tabs)\(orders)</div>
      \(table)\(bulk)</div>
      """
  }

  private var nothing: HTML {
    """
    <div class="sheet"><p><b>\(language.of("没有符合条件的记录", "No record fits"))</b></p><p>\(
      language.of(
        "去掉一些筛选条件；如果没有任何筛选，则您负责的系统没有待处理的记录。",
        "Take away some of the filter; with no filter at all there is nothing for you to do."))</p></div>
    """
  }

  private var tabs: HTML {
    func tab(_ name: String, _ isList: Bool) -> HTML {
      let current: HTML = request.isList == isList ? " aria-current=\"true\"" : ""
      let address = request.start.with("view", isList ? "records" : nil).with("sort", nil)
      return "<a href=\"\(address.text)\"\(current)>\(name)</a>"
    }
    return """
      <nav class="tabs" aria-label="\(language.of("显示方式", "view"))">\(
        tab(language.of("按原因", "by cause"), false))\(
        tab(language.of("逐条", "single records"), true))</nav>
      """
  }

  private var orders: HTML {
    func entry(_ name: String, _ value: String, _ isCurrent: Bool) -> HTML {
      let current: HTML = isCurrent ? " aria-current=\"true\"" : ""
      return "<a href=\"\(request.start.with("sort", value).text)\"\(current)>\(name)</a>"
    }
    let entries: [HTML] =
      request.isList
      ? [
        entry(language.of("新的在前", "newest"), "newest", request.itemOrder == .newest),
        entry(language.of("旧的在前", "oldest"), "oldest", request.itemOrder == .oldest),
      ]
      : [
        entry(language.of("最多", "most"), "most", request.lineOrder == .most),
        entry(language.of("最旧", "oldest"), "oldest", request.lineOrder == .oldest),
        entry(language.of("最新", "newest"), "newest", request.lineOrder == .newest),
      ]
    return "<nav class=\"tabs\" aria-label=\"\(language.of("排序", "order"))\">\(entries)</nav>"
  }

  private func causes(_ lines: some RandomAccessCollection<ReviewQueue.Line>) -> HTML {
    let first = (request.page - 1) * Self.linesPerPage
    let shown = lines.dropFirst(first).prefix(Self.linesPerPage)
    let rows: [HTML] = shown.map { line in
      let address = request.start.choosing(.status, line.status).choosing(.system, line.system)
        .choosing(.category, line.category).choosing(.code, line.code).choosing(.rule, line.rule)
        .choosing(.element, line.element).with("view", "records").with("sort", nil)
      let what =
        line.element.isEmpty ? language.of("整条记录", "the record") : names.element(line.element)
      let nights = line.oldest == line.newest ? line.newest : "\(line.oldest) – \(line.newest)"
      return """
        <tr><th scope="row"><a href="\(address.text)"><span class="tag">\(line.code)</span> \(
          names.issue(line.code))</a><span class="what">\(what) · \(names.rule(line.rule))</span></th>
        <td>\(line.system) \(names.category(line.category))</td>
        <td class="short">\(words.status(line.status))</td>
        <td class="n">\(language.number(line.records))</td>
        <td class="n">\(line.repeated == 0 ? "·" : language.number(line.repeated))</td>
        <td class="n">\(nights)</td></tr>

        """
    }
    let heads = head([
      (language.of("问题", "issue"), false), (language.of("系统 · 类别", "system · category"), false),
      (language.of("状态", "status"), false), (language.of("记录", "records"), true),
      (language.of("再次退回", "came again"), true), (language.of("夜", "nights"), true),
    ])
    let isMore = first + Self.linesPerPage < lines.count
    return """
      \(scrolling(language.of("按原因", "by cause"), "<table class=\"lines\">\(heads)<tbody>\(rows)</tbody></table>"))
      \(pages(
        back: request.page > 1 ? request.start.with("page", "\(request.page - 1)").text : nil,
        next: isMore ? request.start.with("page", "\(request.page + 1)").text : nil))
      """
  }

  private func list(_ count: Int) throws -> (HTML, [ReviewQueue.Item]) {
    let page = try queue.page(request.filter, order: request.itemOrder, after: request.after)
    let next = page.next.map { request.address.with("after", "\($0)").text }
    let body: HTML = """
      \(try table(page.items))
      \(pages(first: request.after == nil ? nil : request.start.text, next: next))
      """
    return (sheet(count, "", body), page.items)
  }

  private func keyResults() throws -> (HTML, [ReviewQueue.Item]) {
    let items = try queue.find(request.filter.text, request.filter)
    guard !items.isEmpty else { return (nothing, []) }
    let title = language.of(
      "记录号或业务键以“\(request.filter.text)”开头的记录",
      "Records whose number or key begins with \"\(request.filter.text)\"")
    return ("<div class=\"sheet\"><h2>\(title)</h2>\(try table(items))</div>", items)
  }

  func table(_ items: [ReviewQueue.Item]) throws -> HTML {
    let keys = Dictionary(
      items.map { ($0.row, $0.recordKey) }, uniquingKeysWith: { first, _ in first })
    let done = try acts?.acts(keys) ?? [:]
    let actWords = ActWords(catalog, language)
    let rows: [HTML] = items.map { item in
      let key = item.entityKey ?? item.recordID
      let label: HTML =
        key.map { "<bdi>\($0)</bdi>" }
        ?? "\(language.of("批次 \(item.row >> 32) 第 \(item.row & 0xFFFF_FFFF) 条", "delivery \(item.row >> 32), record \(item.row & 0xFFFF_FFFF)"))"
      let findings: [HTML] = item.findings.prefix(4).map { finding in
        let what =
          finding.element.isEmpty ? names.rule(finding.rule) : names.element(finding.element)
        return "<span class=\"tag\">\(finding.code)</span> \(what) "
      }
      let rest = item.findings.count - 4
      return """
        <tr><th scope="row"><a href="/record/\(Int(item.row))">\(label)</a><span class="what">\(
          item.entityKey == nil ? "" : item.recordID ?? "")</span></th>
        <td>\(item.system) \(names.category(item.category))</td>
        <td>\(findings)\(rest > 0 ? "+\(rest)" : "")</td>
        <td class="short">\(words.status(item.status))\(tags(done[item.row] ?? [], actWords))</td>
        <td class="n">\(item.attempt)</td>
        <td class="n">\(item.night)</td></tr>

        """
    }
    let heads = head([
      (language.of("记录", "record"), false), (language.of("系统 · 类别", "system · category"), false),
      (language.of("问题", "issues"), false), (language.of("状态", "status"), false),
      (language.of("次数", "attempt"), true), (language.of("夜", "night"), true),
    ])
    return scrolling(
      language.of("记录", "records"),
      "<table class=\"lines\">\(heads)<tbody>\(rows)</tbody></table>")
  }

  /// What stands of what was done, each kind once, the newest.
  private func tags(_ acts: [RecordAct], _ actWords: ActWords) -> [HTML] {
    ActKind.onRecords.compactMap { kind in
      acts.last { $0.kind == kind && !$0.isUndone }.flatMap { act in
        actWords.tag(act, now: now).map { "<span class=\"what\">\($0)</span>" }
      }
    }
  }

  private var heldList: HTML {
    let wanted = held.filter { entry in
      (request.filter[.system].map { $0 == entry.system } ?? true)
        && (request.filter[.category].map { $0 == entry.category } ?? true)
    }
    guard !wanted.isEmpty else { return nothing }
    let rows: [HTML] = wanted.map { entry in
      let box: HTML = mayAct ? "<td>\(HeldDeliveries.box(entry, language))</td>" : ""
      return """
        <tr>\(box)<th scope="row"><bdi>\(language.cut(entry.fileName))</bdi><span class="what">\(
          language.of("批次", "delivery")) \(Int(entry.id))</span></th>
        <td>\(entry.system) \(names.category(entry.category))</td>
        <td class="n">\(entry.balance.read == 0 ? "–" : language.number(entry.balance.read))</td>
        <td>\(HeldDeliveries.reasons(entry, language))\(decision(entry))</td></tr>

        """
    }
    let heads = head(
      (mayAct ? [(language.of("选", "mark"), false)] : []) + [
        (language.of("文件", "file"), false), (language.of("系统 · 类别", "system · category"), false),
        (language.of("记录", "records"), true),
        (language.of("原因与处理", "reason and what to do"), false),
      ])
    let form: HTML = mayAct ? HeldDeliveries.form(language, formToken) : ""
    return """
      <div class="sheet"><h2>\(language.of("挂起的批次", "Held deliveries")) (\(wanted.count))</h2>
      \(scrolling(language.of("挂起的批次", "held deliveries"), "<table class=\"lines\">\(heads)<tbody>\(rows)</tbody></table>"))\(form)</div>
      """
  }

  private func decision(_ entry: DeliveryEntry) -> HTML {
    guard mayAct else { return "" }
    let path = "/delivery/\(entry.id)"
    let id = "words-\(entry.id)"
    return """
      <form class="decision" method="post" action="\(path)/release"><input type="hidden" name="form" value="\(formToken)"/>
      <label for="\(id)">\(language.of("理由", "Why"))</label> <input id="\(id)" name="words" maxlength="500" required="required"/>
      <button>\(language.of("放行", "Release"))</button> <button formaction="\(path)/reject">\(language.of("拒收", "Reject"))</button></form>
      """
  }
}

/// What a page of the queue was asked for.
struct QueueRequest {
  var filter = QueueFilter()
  /// Single records and not lines.
  var isList: Bool
  var isHeld: Bool
  /// Only what is assigned to a user.
  var assignee: String?
  /// Only what is waived; not with ``assignee``.
  var isWaived: Bool
  var lineOrder: ReviewQueue.LineOrder
  var itemOrder: ReviewQueue.ItemOrder
  var after: Int64?
  /// Of lines, from 1.
  var page: Int

  /// Longest text that is looked for.
  private static let longestText = 200

  init(_ values: [String: String]) {
    for facet in QueueFilter.Facet.allCases {
      if let value = values[facet.rawValue] { filter[facet] = String(value.prefix(120)) }
    }
    filter.text = String((values["q"] ?? "").prefix(Self.longestText))
    isList = values["view"] == "records"
    isHeld = values["held"] == "1"
    assignee = values["assigned"].flatMap { $0.isEmpty ? nil : String($0.lowercased().prefix(64)) }
    isWaived = assignee == nil && values["waived"] == "1"
    lineOrder = values["sort"].flatMap(ReviewQueue.LineOrder.init) ?? .most
    itemOrder = values["sort"].flatMap(ReviewQueue.ItemOrder.init) ?? .newest
    after = values["after"].flatMap { Int64($0) }
    page = min(100_000, max(1, values["page"].flatMap { Int($0) } ?? 1))
  }

  /// This page.
  var address: Address {
    start.with("held", isHeld ? "1" : nil).with("after", after.map { "\($0)" })
      .with("page", page > 1 ? "\(page)" : nil)
  }

  /// The first page of the same records.
  var start: Address {
    var result = Address("/queue")
    for facet in QueueFilter.Facet.allCases {
      result = result.choosing(facet, filter[facet])
    }
    result = result.with("q", filter.text).with("assigned", assignee)
      .with("waived", isWaived ? "1" : nil).with("view", isList ? "records" : nil)
    if isList, itemOrder != .newest { return result.with("sort", itemOrder.rawValue) }
    if !isList, lineOrder != .most { return result.with("sort", lineOrder.rawValue) }
    return result
  }

  /// What the search form sends along.
  var hidden: [(String, String)] {
    QueueFilter.Facet.allCases.compactMap { facet in
      filter[facet].map { (facet.rawValue, $0) }
    } + (assignee.map { [("assigned", $0)] } ?? []) + (isWaived ? [("waived", "1")] : [])
      + (isList ? [("view", "records")] : [])
  }
}

extension Address {
  /// The choice of a facet's value; of the empty one, too, since findings about a whole record name no element.
  ///
  /// - Parameter value: nil for all values.
  func choosing(_ facet: QueueFilter.Facet, _ value: String?) -> Address {
    with(facet.rawValue, value, keepsEmpty: true)
  }
}
