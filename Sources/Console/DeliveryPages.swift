import Catalog
import Foundation
import Pipeline
import Review
import Warehouse

/// The deliveries of a night or of several, each with what became of its records.
struct DeliveriesPage: ConsoleView {
  /// Those of the page.
  let deliveries: [DeliveryEntry]
  /// Of all pages.
  let count: Int
  let catalog: Catalog
  let language: ReportLanguage
  let request: DeliveriesRequest

  /// What hourly files of twelve systems come to stands on one page, so that it can be added up.
  static let perPage = 400

  private var names: CatalogNames { CatalogNames(catalog, language) }

  var content: HTML {
    let chosen = [
      request.system.map(names.system), request.category.map(names.category),
      request.term?.name(language),
    ].compactMap { $0 }.joined(separator: " · ")
    let number = of(
      "\(language.number(count)) 批", "\(language.number(count)) deliveries")
    let all: HTML =
      chosen.isEmpty
      ? ""
      : " <a href=\"\(request.nights.text)\">\(request.isOneNight ? of("这一夜的全部批次", "all of the night") : of("这些夜的全部批次", "all of these nights"))</a>"
    let rows: [HTML] = deliveries.map(row)
    let isMore = request.skipped + Self.perPage < count
    let body: HTML =
      rows.isEmpty
      ? "<p>\(of("没有这样的批次。", "There is no such delivery."))</p>"
      : table(
        of("批次", "deliveries"),
        [(of("文件", "file"), false), (of("系统 · 类别", "system · category"), false)]
          + BalanceTerm.allCases.map { ($0.name(language), true) }, rows)
    return """
      <div class="sheet"><div class="summary"><p><b>\(request.title)</b> \(number)\(chosen.isEmpty ? "" : "，" + chosen)\(all)</p></div>
      \(body)
      \(pages(
        back: request.page > 1 ? request.address.with("page", "\(request.page - 1)").text : nil,
        next: isMore ? request.address.with("page", "\(request.page + 1)").text : nil))</div>
      """
  }

  private func row(_ entry: DeliveryEntry) -> HTML {
    let cells: [HTML] = BalanceTerm.allCases.map { term in
      let count = term.count(entry.balance)
      guard count > 0 else { return "<td class=\"n\">·</td>" }
      let address = DeliveryRequest.address(entry.id, term).text
      return "<td class=\"n\"><a href=\"\(address)\">\(language.number(count))</a></td>"
    }
    return """
      <tr><th scope="row"><a href="\(DeliveryRequest.address(entry.id).text)"><bdi>\(language.cut(entry.fileName, to: 60))</bdi></a><span class="what">\(
        of("批次", "delivery")) \(Int(entry.id))\(state(entry))</span></th>
      <td>\(entry.system) \(names.category(entry.category))</td>\(cells)</tr>

      """
  }

  private func state(_ entry: DeliveryEntry) -> String {
    entry.status == .loaded ? "" : " · " + ConsoleWords(language).delivery(entry.status)
  }
}

/// What the list of deliveries was asked for.
struct DeliveriesRequest {
  /// Nights, both included; the same for one.
  var first: String
  var last: String
  var system: String?
  var category: String?
  /// Only deliveries that have such records.
  var term: BalanceTerm?
  /// From 1.
  var page: Int

  /// - Parameter night: Where none is asked for.
  init(_ values: [String: String], night: String) {
    func text(_ name: String) -> String? {
      values[name].flatMap { $0.isEmpty ? nil : String($0.prefix(20)) }
    }
    let single = text("night")
    last = text("to") ?? single ?? night
    first = text("from") ?? single ?? last
    system = text("system")
    category = text("category")
    term = values["show"].flatMap(BalanceTerm.init)
    page = min(100_000, max(1, values["page"].flatMap { Int($0) } ?? 1))
  }

  var isOneNight: Bool { first == last }
  var title: String { isOneNight ? last : "\(first) – \(last)" }
  /// On the pages before.
  var skipped: Int { (page - 1) * DeliveriesPage.perPage }

  /// All deliveries of the nights.
  var nights: Address {
    let start = Address("/deliveries")
    return isOneNight ? start.with("night", last) : start.with("from", first).with("to", last)
  }

  var address: Address {
    nights.with("system", system).with("category", category).with("show", term?.rawValue)
  }
}

/// One delivery: the file, its balance, and its records by what became of them.
struct DeliveryPage: ConsoleView {
  let delivery: DeliveryEntry
  let catalog: Catalog
  let language: ReportLanguage
  let request: DeliveryRequest
  /// nil where the file cannot be read for it.
  let list: RecordList?
  /// nil where the person decides about no deliveries.
  var formToken: String?

  private var names: CatalogNames { CatalogNames(catalog, language) }

  var title: String {
    "\(delivery.system) \(names.category(delivery.category)) · "
      + of("批次 \(delivery.id)", "delivery \(delivery.id)")
  }

  var content: HTML { "<div class=\"sheet\">\(file)\(held)</div>\(records)" }

  private var file: HTML {
    let night = String(delivery.archivePath.prefix(10)).replacing("/", with: "-")
    return facts([
      (of("文件", "file"), language.cut(delivery.fileName)),
      (of("收到", "came in the night of"), night),
      (of("状态", "status"), ConsoleWords(language).delivery(delivery.status)),
      (of("方式", "kind"), delivery.isFull ? of("全量", "full") : of("增量", "incremental")),
      (of("字节", "bytes"), language.number(Int(delivery.length))),
      (of("编码", "encoding"), delivery.encoding), (of("批次号", "batch"), delivery.batchNumber),
    ])
  }

  private var held: HTML {
    if let formToken, HoldDesk.takes(.hold, delivery) {
      return HeldDeliveries.holdForm(delivery.id, language, formToken)
    }
    guard delivery.status == .held else { return "" }
    let address = Address("/queue").with("held", "1").with("system", delivery.system)
      .with("category", delivery.category).text
    return
      "<p><a href=\"\(address)\">\(of("为什么挂起，放行或拒收", "Why it is held; release or reject it"))</a></p>"
  }

  private var records: HTML {
    let terms = DeliveryRequest.terms.filter { $0.count(delivery.balance) > 0 }
    let title = of(
      "记录 \(language.number(delivery.balance.read)) 条",
      "\(language.number(delivery.balance.read)) records")
    let tabs = tabs(
      of("去向", "what became of them"),
      terms.map { term in
        (
          title: "\(term.name(language)) \(language.number(term.count(delivery.balance)))",
          address: DeliveryRequest.address(delivery.id, term).text,
          isCurrent: term == request.term
        )
      })
    return section("records", title, "\(tabs)\(note)\(rows)")
  }

  private var note: HTML {
    let text =
      switch request.term {
      case .unchanged:
        of(
          "与已入库的版本相同，没有新的版本；链接指向已入库的版本。",
          "They say what the accepted version says, to which the links lead.")
      case .duplicate:
        of(
          "同一文件中已有完全相同的记录；链接指向入库的那一条。",
          "The same stands earlier in the file; the links lead to what was accepted.")
      case .deleted:
        of(
          "来源要求删除；链接指向被删除的版本。",
          "Their source takes a record away; the links lead to what was taken away.")
      case .returned, .pending:
        of("含此后已更正、已结束的记录。", "Those that were settled since are here too.")
      case .read, .accepted, .held: ""
      }
    return text.isEmpty ? "" : "<p class=\"note\">\(text)</p>"
  }

  private var rows: HTML {
    guard DeliveryRequest.terms.contains(where: { $0.count(delivery.balance) > 0 }) else {
      return "<p>\(of("没有数过它的记录。", "Its records have not been counted."))</p>"
    }
    if HoldDesk.isSecret(delivery) {
      return
        "<p>\(of("这一批含有涉密或密级不明的记录，原件已封存，内容不在任何页面上显示。", "Some of its records are classified, or nobody knows whether they are: the original is sealed, and no page shows them."))</p>"
    }
    guard let list else {
      return
        "<p>\(of("这些记录只在原始文件中；文件已超过保存期限、过大或无法读取，不能在此列出。请用 qingyuan read 查看原始文件。", "These records stand in the file alone, which is not in the archive any more, too long, or cannot be read. See it with qingyuan read."))</p>"
    }
    return RecordTable(
      list: list, catalog: catalog, language: language, address: request.address,
      isFirst: request.after == 0, showsDelivery: false
    ).html
  }
}

/// What the page of a delivery was asked for.
struct DeliveryRequest {
  static let terms = BalanceTerm.allCases.filter { $0 != .read }

  var delivery: Int64
  var term: BalanceTerm
  var after: Int64

  /// Unless something is asked for, the first kind of which there are records.
  init(_ delivery: DeliveryEntry, _ values: [String: String]) {
    self.delivery = delivery.id
    let asked = values["show"].flatMap(BalanceTerm.init)
    let first = Self.terms.first { $0.count(delivery.balance) > 0 }
    term = asked.flatMap { $0 == .read ? nil : $0 } ?? first ?? .accepted
    after = max(0, values["after"].flatMap { Int64($0) } ?? 0)
  }

  var address: Address { Self.address(delivery, term) }

  static func address(_ delivery: Int64, _ term: BalanceTerm? = nil) -> Address {
    Address("/deliveries/\(delivery)").with("show", term == .read ? nil : term?.rawValue)
  }
}

/// Records behind other numbers: of a rule of owners, of subjects, of core values, of notes.
struct RecordsPage: ConsoleView {
  let list: RecordList
  let catalog: Catalog
  let language: ReportLanguage
  let request: RecordsRequest

  private var names: CatalogNames { CatalogNames(catalog, language) }

  var title: String {
    switch request.what {
    case .conflicts(let rule, let system):
      of("与权威来源不一致：", "Differences from owners: ")
        + "\(names.rule(rule)) \(system ?? "")"
    case .subjects(let knowledge, _):
      switch knowledge {
      case .code: of("凭代码关联主体的记录", "Records whose subject is told by its code")
      case .number: of("凭注册号和名称关联主体的记录", "Records whose subject is told by number and name")
      case .person: of("主体经人工确认的记录", "Records whose subject a person confirmed")
      case .candidates: of("主体只有候选的记录", "Records with candidates for their subject")
      case .unknown: of("主体没有线索的记录", "Records of whose subject nothing is known")
      }
    case .core(let domain, _):
      of("核心数据有误的记录：", "Records with mistakes in core values: ")
        + (catalog.coreDomains.first { $0.domain == domain }
          .map { of($0.name, $0.english) } ?? "")
    case .notes: of("带提示入库的记录", "Records accepted with a note")
    }
  }

  var content: HTML {
    let table = RecordTable(
      list: list, catalog: catalog, language: language, address: request.address,
      isFirst: request.after == 0, showsDelivery: true)
    let night: HTML = request.night.map { "<p><b>\($0)</b></p>" } ?? ""
    return "<div class=\"sheet\">\(night)\(note)\(table.html)</div>"
  }

  private var note: HTML {
    guard case .subjects = request.what else { return "" }
    return
      "<p class=\"note\">\(of("由人判断用 qingyuan match confirm 或 reject，自下一夜起生效。", "A person decides with qingyuan match confirm or reject; it counts from the next night on."))</p>"
  }
}

struct RecordsRequest {
  enum What {
    case conflicts(rule: String, system: String?)
    case subjects(SubjectKnowledge, night: String)
    case core(CoreDomain, night: String)
    case notes(night: String)
  }

  var what: What
  var after: Int64

  /// - Returns: nil where nothing is asked for.
  init?(_ values: [String: String]) {
    let night = String((values["night"] ?? "").prefix(10))
    after = max(0, values["after"].flatMap { Int64($0) } ?? 0)
    if let rule = values["conflict"], !rule.isEmpty {
      let system = values["system"].flatMap { $0.isEmpty ? nil : String($0.prefix(20)) }
      what = .conflicts(rule: String(rule.prefix(20)), system: system)
    } else if let knowledge = values["subject"].flatMap(SubjectKnowledge.init) {
      what = .subjects(knowledge, night: night)
    } else if let domain = values["core"].flatMap(CoreDomain.init) {
      what = .core(domain, night: night)
    } else if values["notes"] == "1" {
      what = .notes(night: night)
    } else {
      return nil
    }
  }

  init(_ what: What) {
    self.what = what
    after = 0
  }

  var night: String? {
    switch what {
    case .conflicts: nil
    case .subjects(_, let night), .core(_, let night), .notes(let night): night
    }
  }

  var address: Address {
    let start = Address("/records").with("night", night)
    return switch what {
    case .conflicts(let rule, let system): start.with("conflict", rule).with("system", system)
    case .subjects(let knowledge, _): start.with("subject", knowledge.rawValue)
    case .core(let domain, _): start.with("core", domain.rawValue)
    case .notes: start.with("notes", "1")
    }
  }
}
