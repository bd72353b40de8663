import Catalog
import Pipeline
import Warehouse

extension DataDictionary {
  /// The dictionary as one page: Chinese, English by a switch, without script and outside resource. On a narrow
  /// screen every row becomes a card.
  package var html: String {
    let updated: HTML =
      publication.map { entry in
        Self.both(
          "更新于\(entry.publishedAt)(\(entry.night)之夜,第\(entry.publication)次发布)",
          "updated \(entry.publishedAt), night \(entry.night), publication \(entry.publication)")
      } ?? Self.both("未连接数据仓库", "without a warehouse")
    let page: HTML = """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="zh-CN" xml:lang="zh-CN">
      <head><meta charset="utf-8" /><title>数据字典 Data dictionary</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <style>\(HTML(stringLiteral: Self.style + Self.cards))</style></head>
      <body>
      <input type="checkbox" id="english" /><label class="switch" for="english">English / 中文</label>
      <main>
      <h1>\(Self.both("数据字典", "Data dictionary"))</h1>
      <p>\(updated) · \(Self.both("规则集", "rule set")) <code>\(ruleSetHash)</code></p>
      <nav>\(views.map { Self.link($0) })</nav>
      \(views.map { Self.section($0) })
      <h2>\(Self.both("值域", "Code lists"))</h2>
      \(codeLists.map { Self.section($0) })
      </main>
      </body>
      </html>

      """
    return page.text
  }

  /// A text in both languages, of which the style shows one.
  private static func both(_ chinese: String, _ english: String) -> HTML {
    "<span class=\"zh\">\(chinese)</span><span class=\"en\" lang=\"en\">\(english)</span>"
  }

  private static func both(_ text: Text) -> HTML { both(text.chinese, text.english) }

  private static func link(_ view: View) -> HTML {
    "<a href=\"#view-\(view.name)\"><code>\(view.name)</code> \(both(view.title))</a> "
  }

  private static func section(_ view: View) -> HTML {
    let note: HTML = view.quality.map { quality(view, $0) } ?? ""
    return """
      <section id="view-\(view.name)">
      <h2><code>\(view.name)</code> \(both(view.title))</h2>
      \(note)
      <table class="view"><thead><tr>\(titles.map { "<th>\(both($0))</th>" })</tr></thead>
      <tbody>\(view.columns.map { row($0) })</tbody></table>
      </section>

      """
  }

  private static func quality(_ view: View, _ quality: Quality) -> HTML {
    let share = quality.attainment.map { percent($0) } ?? "–"
    let systems = quality.systems.joined(separator: ", ")
    let balance = quality.balance
    return """
      <p>\(both(
        "最近一次:\(quality.lastNight),\(systems);达标率\(share),读入\(balance.read),接收\(balance.accepted),"
          + "退回\(balance.returned),待关联\(balance.pending)",
        "last: \(quality.lastNight), \(systems); attainment \(share); \(balance)"))</p>
      """
  }

  private static let titles = [
    Text("列", "column"), Text("名称", "name"), Text("类型", "type"), Text("表示", "form"),
    Text("值域", "code list"), Text("分级", "tier"), Text("权威来源", "owner"),
  ]

  private static func row(_ column: Column) -> HTML {
    let list: HTML =
      column.codeList.map { "<a href=\"#list-\($0)\">\($0)</a>" } ?? ""
    let tier: HTML = column.tier.map { both($0.label, $0.rawValue) } ?? ""
    let owner: HTML = column.owner.map { both($0) } ?? ""
    let cells: [HTML] = [
      "<code>\(column.name)</code>", both(column.title), "\(column.type)", "\(column.form)", list,
      tier, owner,
    ]
    let parts = cells.map { cell -> HTML in "<td>\(cell)</td>" }
    return "<tr>\(parts)</tr>\n"
  }

  private static func section(_ list: CodeList) -> HTML {
    let rows = list.values.map { value -> HTML in
      "<tr><td><code>\(value.code)</code></td><td>\(both(value.label, value.english))</td></tr>\n"
    }
    return """
      <section id="list-\(list.id)"><h3>\(list.id) \(both(list.name, list.english))</h3>
      <table><tbody>\(rows)</tbody></table></section>

      """
  }

  private static let style = """
    body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:0;color:#1a1a1a;\
    background:#fff}main{max-width:75rem;margin:0 auto;padding:1rem}
    #english{position:absolute;opacity:0}.switch{position:fixed;top:.5rem;right:.5rem;padding:.25rem .75rem;\
    border:1px solid #555;border-radius:1rem;background:#fff;cursor:pointer}
    #english:focus+.switch{outline:3px solid #1a5fb4}
    .en{display:none}#english:checked~main .en{display:inline}#english:checked~main .zh{display:none}
    nav a{display:inline-block;margin:0 .75rem .25rem 0}a{color:#1a4f9c}
    table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.25rem .5rem;\
    text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eef2f7}
    @media(max-width:45rem){thead{display:none}table,tbody,tr,td{display:block;width:auto}\
    tr{border:1px solid #bbb;margin:0 0 .75rem}td{border:0}td:empty{display:none}}
    @media print{.switch,nav{display:none}}
    """
}

extension DataDictionary {
  /// On a narrow screen the cells of a row stand below each other, each behind its title.
  private static var cards: String {
    let rules = titles.enumerated().map { index, title in
      let cell = ".view td:nth-child(\(index + 1))::before"
      return "\(cell){content:\"\(title.chinese) \"}#english:checked~main \(cell)"
        + "{content:\"\(title.english) \"}"
    }
    return "@media(max-width:45rem){.view td::before{color:#555}\(rules.joined())}"
  }
}

extension SharingTier {
  /// Its name in the work plan.
  fileprivate var label: String {
    switch self {
    case .public: "公共服务类"
    case .shared: "内部共享类"
    case .restricted: "受限使用类"
    }
  }
}
