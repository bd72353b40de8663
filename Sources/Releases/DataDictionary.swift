package import Catalog
import Foundation
import Pipeline
package import Warehouse
import WarehouseSQLite

/// What every published table and view holds: the columns of the views as they are in the file, with what the
/// catalog and the authority rules say of them, and what the ledger knows of their last night.
package struct DataDictionary: Sendable {
  package struct Text: Sendable, Hashable {
    package var chinese: String
    package var english: String

    init(_ chinese: String, _ english: String) {
      self.chinese = chinese
      self.english = english
    }
  }

  package struct Column: Sendable {
    package var name: String
    /// `INTEGER`, `REAL` or `TEXT`.
    package var type: String
    package var title: Text
    package var definition: String
    /// Form and value domain after the catalog; empty for what is no element.
    package var form: String
    /// Identifier of a code list.
    package var codeList: String?
    package var tier: SharingTier?
    package var owner: Text?
  }

  package struct View: Sendable {
    package var name: String
    package var title: Text
    package var columns: [Column]
    /// What the last night brought; nil for views of no category, and where there is no warehouse.
    package var quality: Quality?
  }

  /// The last night in which records of a category came.
  package struct Quality: Sendable {
    package var lastNight: String
    package var systems: [String]
    package var balance: Balance

    /// 达标率 (semantics.md §3); nil where nothing was submitted for the first time.
    package var attainment: Double? {
      let judged = balance.acceptedFirst + balance.returnedFirst
      return judged == 0 ? nil : Double(balance.acceptedFirst) / Double(judged)
    }
  }

  /// The publication that readers see; nil without a warehouse.
  package var publication: PublicationEntry?
  package var ruleSetHash: String
  package var views: [View]
  /// Lists that a column refers to, in the order of the catalog.
  package var codeLists: [CodeList]

  /// - Parameter ledger: nil for a dictionary of the definitions alone.
  package init(_ catalog: Catalog, ledger: (any LedgerReader)?) throws {
    let model = try WarehouseModel(catalog)
    let facts = try ledger.map { try LedgerFacts($0) }
    publication = facts?.publication
    ruleSetHash = catalog.ruleSetHash
    let maker = DictionaryMaker(catalog: catalog)
    views = WarehouseViews.all(model, at: .pointer).map { view in
      let place = maker.place(of: view.name)
      return View(
        name: view.name, title: maker.title(view.name, place),
        columns: view.columns.map { maker.column($0.name, place) },
        quality: place.category.flatMap { facts?.quality[$0.id] })
    }
    let used = Set(views.flatMap(\.columns).compactMap(\.codeList))
    codeLists = catalog.codeLists.filter { used.contains($0.id) }
  }
}

/// What the ledger says of the categories at the publication that readers see.
private struct LedgerFacts {
  var publication: PublicationEntry?
  var quality: [String: DataDictionary.Quality] = [:]

  init(_ ledger: any LedgerReader) throws {
    publication = try ledger.publications(upTo: "9999-12-31", publication: nil, limit: 1).first
    guard let publication else { return }
    let all = LedgerSpan(
      first: "0000-01-01", last: publication.night, publication: publication.publication)
    var nights: [String: String] = [:]
    for stream in try ledger.streamSums(all) {
      nights[stream.category] = max(nights[stream.category] ?? "", stream.lastNight)
    }
    for night in Set(nights.values) {
      let span = LedgerSpan(first: night, last: night, publication: publication.publication)
      for stream in try ledger.streamSums(span) where nights[stream.category] == night {
        var quality =
          self.quality[stream.category]
          ?? DataDictionary.Quality(lastNight: night, systems: [], balance: Balance())
        quality.systems.append(stream.system)
        quality.balance += stream.balance
        self.quality[stream.category] = quality
      }
    }
  }
}

/// Puts together what is known of one view and its columns.
private struct DictionaryMaker {
  let catalog: Catalog

  /// What a view is a view of.
  struct Place {
    var category: Category?
    var entity: GoldenEntity?
    /// Rows inside records, or a many-valued element.
    var child: ChildTable?
    var element: DataElement?
    var isHistory = false
    /// Golden values beside the records of other categories.
    var isCopy = false
  }

  func place(of view: String) -> Place {
    for entity in catalog.authority.entities {
      let isCopy = WarehouseViews.copyView(entity.id) == view
      guard isCopy || WarehouseViews.goldenView(entity.id) == view else { continue }
      return Place(category: catalog.category(entity.category), entity: entity, isCopy: isCopy)
    }
    for category in catalog.categories {
      if view == category.id { return Place(category: category) }
      if view == category.id + "_history" { return Place(category: category, isHistory: true) }
      for child in category.children
      where view == WarehouseViews.valueView(category.id, child.name) {
        return Place(category: category, child: child)
      }
      for entry in category.elements
      where view == WarehouseViews.valueView(category.id, entry.element.identifier) {
        return Place(category: category, element: entry.element)
      }
    }
    return Place()
  }

  func title(_ view: String, _ place: Place) -> DataDictionary.Text {
    guard let category = place.category else {
      return DictionaryWords.views[view] ?? DataDictionary.Text(view, view)
    }
    if let entity = place.entity, place.isCopy {
      return .init(
        "\(entity.name):其他类别记录上的一数一源取值",
        "\(entity.english): golden values on records of other categories")
    }
    if let entity = place.entity {
      return .init("\(entity.name):一数一源的取值", "\(entity.english): golden records")
    }
    if let child = place.child {
      return .init("\(category.name):\(child.title)", "\(category.english): \(child.english)")
    }
    if let element = place.element {
      return .init(
        "\(category.name):“\(element.name)”的各个值",
        "\(category.english): values of \(element.english)")
    }
    if place.isHistory {
      return .init("\(category.name):历次版本", "\(category.english): all versions")
    }
    return .init(category.name, category.english)
  }

  func column(_ name: String, _ place: Place) -> DataDictionary.Column {
    let isFen = name.hasSuffix("_fen")
    let identifier = isFen ? String(name.dropLast(4)) : name
    let element =
      place.element.flatMap { name == "value" ? $0 : nil }
      ?? elements(place).first { $0.identifier == identifier }
    guard let element else {
      let known = DictionaryWords.columns[name] ?? (.init(name, name), "TEXT")
      return .init(
        name: name, type: known.1, title: known.0, definition: "", form: "", codeList: nil,
        tier: nil, owner: nil)
    }
    let category = place.category?.id ?? ""
    let own = catalog.sharing?.tier(of: element, in: category) ?? element.tier
    let whole = catalog.sharing?.tier(ofCategory: category) ?? .public
    return .init(
      name: name, type: isFen ? "INTEGER" : type(element),
      title: isFen
        ? .init("\(element.name)(分)", "\(element.english) in fen")
        : .init(element.name, element.english),
      definition: element.definition,
      form: element.notation + (element.unit.map { " " + (isFen ? "分" : $0) } ?? ""),
      codeList: element.codeList, tier: max(own, whole), owner: owner(element, place))
  }

  private func elements(_ place: Place) -> [DataElement] {
    (place.child?.elements ?? place.category?.elements ?? []).map(\.element)
  }

  private func type(_ element: DataElement) -> String {
    guard element.type == .number else { return "TEXT" }
    return element.representation.decimals == 0 ? "INTEGER" : "REAL"
  }

  /// Whose value counts, after the rules of the entity of the category or of the view.
  private func owner(_ element: DataElement, _ place: Place) -> DataDictionary.Text? {
    guard let entity = place.entity?.id ?? place.category?.id else { return nil }
    let rules = catalog.authority.rules.filter {
      $0.entity == entity && $0.elements.contains(element.identifier)
    }
    guard !rules.isEmpty else { return nil }
    let texts = rules.map { rule -> DataDictionary.Text in
      switch rule.owner {
      case .system(let code):
        let system = catalog.system(code)
        return .init(
          "\(rule.id) \(code) \(system?.name ?? "")", "\(rule.id) \(code) \(system?.english ?? "")")
      case .homeOfAgency:
        return .init("\(rule.id) 执法机关所属系统", "\(rule.id) home system of the agency")
      case .first: return .init("\(rule.id) 先登记者", "\(rule.id) whoever registered it first")
      }
    }
    return .init(
      texts.map(\.chinese).joined(separator: ";"), texts.map(\.english).joined(separator: "; "))
  }
}

/// Words for views and columns that the catalog does not have.
enum DictionaryWords {
  private static func text(_ chinese: String, _ english: String) -> DataDictionary.Text {
    DataDictionary.Text(chinese, english)
  }

  static let views: [String: DataDictionary.Text] = [
    "returned_record": text("退回的记录", "returned records"),
    "pending_record": text("待关联的记录", "records that wait for others"),
    "finding_current": text("现有问题", "findings of all records that are shown"),
    "delivery_ledger": text("批次台账", "ledger of deliveries"),
    "authority_conflict": text("与权威来源不一致的登记", "register of conflicts with owners"),
    "steward_override": text("人工认定的取值", "values that people state before all systems"),
    "subject_link": text("记录所指的登记主体", "which registration a record's subject is"),
    "subject_candidate": text(
      "待人工确认的主体", "registrations that a record may mean, for a person to decide"),
  ]

  static let columns: [String: (DataDictionary.Text, String)] = [
    "record": (text("记录的行号,可与其他视图关联", "row id; joins with the other views"), "INTEGER"),
    "delivery": (text("批次编号", "number of the delivery"), "INTEGER"),
    "record_number": (text("在文件中的序号", "place in the delivered file, from 1"), "INTEGER"),
    "publication": (text("首次发布的发布号", "publication that first showed it"), "INTEGER"),
    "night": (text("首次发布之夜", "night that first showed it"), "TEXT"),
    "closed_publication": (text("被取代的发布号", "publication that replaced it"), "INTEGER"),
    "closed_night": (text("被取代之夜", "night that replaced it"), "TEXT"),
    "ordinal": (text("在记录中的序号", "place in the record, from 1"), "INTEGER"),
    "value": (text("值", "value"), "TEXT"),
    "golden": (text("综合记录编号;仅一条记录时为空", "composed record; null where one speaks alone"), "INTEGER"),
    "members": (text("涉及的记录数", "records that speak of it"), "INTEGER"),
    "objection": (text("数据异议:raised已提出,verified已核实", "objection: raised or verified"), "TEXT"),
    "objection_since": (text("异议提出日期", "day of the objection"), "TEXT"),
    "status": (text("状态", "status"), "TEXT"),
    "category": (text("业务数据类别", "category"), "TEXT"),
    "system": (text("来源系统", "source system"), "TEXT"),
    "line": (text("文件中的行", "line in the file"), "INTEGER"),
    "byte_offset": (text("文件中的字节位置", "byte offset in the file"), "INTEGER"),
    "attempt": (text("提交次数", "attempts"), "INTEGER"),
    "source_record_id": (text("来源记录标识", "record id of the source"), "TEXT"),
    "entity_key": (text("业务键", "business key"), "TEXT"),
    "raw": (text("原始记录", "record as received"), "TEXT"),
    "tier": (text("分级", "tier"), "TEXT"),
    "due": (text("等待期限", "last day of its waiting"), "TEXT"),
    "code": (text("问题代码", "issue code"), "TEXT"),
    "rule": (text("规则", "rule"), "TEXT"),
    "rule_version": (text("规则版本", "version of the rule"), "INTEGER"),
    "element": (text("数据元", "element"), "TEXT"),
    "severity": (text("处置", "severity"), "TEXT"),
    "expected": (text("应为", "expected"), "TEXT"),
    "override": (text("人工认定编号", "number of the override"), "INTEGER"),
    "entity": (text("综合记录的种类", "kind of golden record"), "TEXT"),
    "key": (text("匹配键", "match key"), "TEXT"),
    "author": (text("认定人", "who stated it"), "TEXT"),
    "until": (text("有效至", "last day"), "TEXT"),
    "subject": (text("登记主体的统一社会信用代码", "code of the registration"), "TEXT"),
    "registered_name": (text("登记名称", "name as registered"), "TEXT"),
    "stated_code": (text("记录所载代码", "code that the record states"), "TEXT"),
    "stated_number": (text("记录所载注册号", "registration number that the record states"), "TEXT"),
    "stated_name": (text("记录所载名称", "name that the record states"), "TEXT"),
    "score": (text("可信程度,1至100", "strength of the evidence, 1 to 100"), "INTEGER"),
    "act": (text("人工决定编号", "number of the person's act"), "INTEGER"),
    "replaced": (text("所替代的值", "value that it replaced"), "TEXT"),
    "owner_record": (text("权威来源的记录", "record of the owner"), "INTEGER"),
    "owner_system": (text("权威来源系统", "system of the owner"), "TEXT"),
    "child": (text("记录内明细的种类", "kind of row inside the record; null for itself"), "TEXT"),
    "child_ordinal": (text("明细在记录中的序号", "number of that row in the record, from 1"), "INTEGER"),
    "run": (text("运行编号", "number of the run"), "INTEGER"),
    "file_name": (text("文件名", "file name"), "TEXT"),
    "content": (text("内容指纹", "fingerprint of the content"), "TEXT"),
    "length": (text("字节数", "bytes"), "INTEGER"),
    "archive_path": (text("存档位置", "path in the archive"), "TEXT"),
    "is_full": (text("是否全量", "full delivery"), "INTEGER"),
    "reason": (text("原因", "reason"), "TEXT"),
    "encoding": (text("编码", "encoding"), "TEXT"),
    "batch_number": (text("批次号", "batch number"), "TEXT"),
    "read": (text("读入", "read"), "INTEGER"),
    "accepted": (text("接收", "accepted"), "INTEGER"),
    "unchanged": (text("未变", "unchanged"), "INTEGER"),
    "duplicate": (text("重复", "duplicate"), "INTEGER"),
    "returned": (text("退回", "returned"), "INTEGER"),
    "pending": (text("待关联", "pending"), "INTEGER"),
    "held": (text("暂扣", "held"), "INTEGER"),
    "deleted": (text("删除", "deleted"), "INTEGER"),
    "accepted_first": (text("首次提交即接收", "accepted at first submission"), "INTEGER"),
    "returned_first": (text("首次提交被退回", "returned at first submission"), "INTEGER"),
    "removed": (text("全量中已无而关闭", "closed because a full delivery had them no more"), "INTEGER"),
    "drift": (text("字段变化", "notes on columns"), "TEXT"),
  ]
}
