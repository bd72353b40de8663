import Catalog
import Pipeline
import Review

/// Which value of the golden records that records speak of is stated, for all of them at once.
struct OverrideField: ConsoleView {
  static let name = "stated"

  let category: Category
  let catalog: Catalog
  let clearance: SharingTier
  let language: ReportLanguage
  let form: [String: String]

  /// Empty where records of the category name no golden record.
  var html: HTML {
    let groups: [HTML] = entities.map { entity in
      let options: [HTML] = elements(of: entity).map { element in
        let value = "\(entity.id).\(element.identifier)"
        let core = element.core.isEmpty ? "" : of("（核心，须审批）", " (core, needs approval)")
        return
          "<option value=\"\(value)\"\(flag: "selected", form[Self.name] == value)>\(of(element.name, element.english)) \(element.id)\(core)</option>"
      }
      return
        "<optgroup label=\"\(entity.id) \(of(entity.name, entity.english))\">\(options)</optgroup>"
    }
    guard !groups.isEmpty else { return "" }
    let typed = form["kind"] == ActKind.override.rawValue ? form["value"] ?? "" : ""
    return """
      <p><label for="stated">\(of("综合记录与数据元", "Golden record and element"))</label><select id="stated" name="\(Self.name)">\(groups)</select></p>
      <p><label for="stated-value">\(of("取值（空为没有）", "Value (empty for none)"))</label><input id="stated-value" name="value" maxlength="4000" value="\(typed)"/></p>
      """
  }

  /// Those that a record of the category can name: by its whole key.
  private var entities: [GoldenEntity] {
    let named = catalog.authority.entities.filter { entity in
      entity.matchKey.allSatisfy { category.column(of: $0) != nil } && !elements(of: entity).isEmpty
    }
    // The thing that the record is first.
    return named.filter { $0.category == category.id } + named.filter { $0.category != category.id }
  }

  private func elements(of entity: GoldenEntity) -> [DataElement] {
    entity.elements.filter { !entity.matchKey.contains($0) }.compactMap(catalog.element)
      .filter { $0.tier <= clearance }
  }
}

/// What people state of a golden record, and the form for stating more.
struct OverrideForms: ConsoleView {
  let found: RecordCase.Neighbours
  let row: Int64
  let session: Session
  let language: ReportLanguage
  /// What was typed, where it has to be typed again.
  var form: [String: String] = [:]
  let value: (RecordCase.Value) -> HTML

  private var mayAct: Bool { ActDesk.may(.override, session.account.role) }

  var html: HTML { "\(standing)\(mayAct ? entry : "")" }

  private var standing: HTML {
    guard !found.overrides.isEmpty else { return "" }
    let title = of("人工覆盖的取值", "Values that people state")
    let rows: [HTML] = found.overrides.map { override in
      let values: [HTML] = override.values.map {
        "<p>\(of($0.element.name, $0.element.english)) → \(value($0.value))</p>"
      }
      let state =
        override.isRetired
        ? of("下一夜结束", "ends with the next night")
        : override.isWaiting ? of("下一夜起生效", "counts from the next night") : of("有效", "counts")
      return """
        <tr><th scope="row">#\(Int(override.id))</th><td>\(values)</td>
        <td><bdi>\(override.author)</bdi><span class="what">\(override.reason)</span></td>
        <td class="short">\(override.until)</td><td>\(state)\(override.isRetired || !mayAct ? "" : retirement(override.id))</td></tr>

        """
    }
    return table(
      title,
      [
        (of("覆盖", "override"), false), (of("取值", "value"), false),
        (of("何人 · 理由", "who · why"), false),
        (of("最后一夜", "last night"), false), (of("状态", "state"), false),
      ], rows)
  }

  private func retirement(_ id: Int64) -> HTML {
    """
    <form class="decision" method="post" action="/record/\(Int(row))/override"><input type="hidden" name="form" value="\(session.formToken)"/>
    <input type="hidden" name="retire" value="\(Int(id))"/><label for="retire-\(Int(id))">\(of("理由", "Why"))</label>
    <input id="retire-\(Int(id))" name="words" maxlength="500" required="required"/> <button>\(of("收回", "Retire"))</button></form>
    """
  }

  private var entry: HTML {
    let lines = found.lines.filter { $0.mayBeStated(session.account.clearance) }
    guard !lines.isEmpty else { return "" }
    let id = found.entity.id
    let isAgain = form["entity"] == id && form["retire"] == nil
    func typed(_ name: String) -> String { isAgain ? form[name] ?? "" : "" }
    let options: [HTML] = lines.map { line in
      let core = line.element.core.isEmpty ? "" : of("（核心，须审批）", " (core, needs approval)")
      return
        "<option value=\"\(line.element.identifier)\"\(flag: "selected", typed("element") == line.element.identifier)>\(of(line.element.name, line.element.english))\(core)</option>"
    }
    return """
      <div class="acts"><details\(flag: "open", isAgain)><summary>\(of("覆盖一项取值", "Override a value"))</summary>
      <form method="post" action="/record/\(Int(row))/override"><input type="hidden" name="form" value="\(session.formToken)"/>
      <input type="hidden" name="entity" value="\(id)"/>
      <p class="note">\(of("从下一夜起先于各系统的说法，到期或权威来源变动后自动结束。", "It counts before all systems from the next night on, and ends with its last night or when the owner's value moves."))</p>
      <p><label for="element-\(id)">\(of("数据元", "Element"))</label><select id="element-\(id)" name="element">\(options)</select></p>
      <p><label for="value-\(id)">\(of("取值（空为没有）", "Value (empty for none)"))</label><input id="value-\(id)" name="value" maxlength="4000" value="\(typed("value"))"/></p>
      <p><label for="until-\(id)">\(of("最后一夜", "Last night"))</label><input id="until-\(id)" name="until" type="date" required="required" value="\(typed("until"))"/></p>
      <p><label for="why-\(id)">\(of("依据", "Why"))</label><textarea id="why-\(id)" name="words" rows="2" maxlength="500" required="required">\(typed("words"))</textarea></p>
      <button>\(of("覆盖", "Override"))</button></form></details></div>
      """
  }
}
