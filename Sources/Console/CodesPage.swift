import Access
import Catalog
import Pipeline
import Review
import WarehouseSQLite

/// Values that no code list knows, and what people said they mean.
struct CodesPage: ConsoleView {
  let unknown: [UnknownCode]
  let patches: [ActDesk.CodePatch]
  let catalog: Catalog
  let language: ReportLanguage
  let mayAct: Bool
  let now: Int64

  /// Values that are shown; the most frequent ones come first.
  private static let shownValues = 200

  private var names: CatalogNames { CatalogNames(catalog, language) }

  var content: HTML { "\(values)\(made)" }

  private var values: HTML {
    let title = of(
      "代码表不认识的值（\(unknown.count)）", "Values that no code list knows (\(unknown.count))")
    guard !unknown.isEmpty else {
      return section(
        "unknown", title,
        "<p>\(of("最近 30 夜没有这样的值。", "There was none in the last 30 nights."))</p>")
    }
    let rows: [HTML] = unknown.prefix(Self.shownValues).map { entry in
      let found = entry.found
      let value: HTML =
        mayAct
        ? "<a href=\"\(CodeForm.address(entry.element, found.value, row: found.isNote ? nil : found.row))\"><bdi>\(language.cut(found.value))</bdi></a>"
        : "<bdi>\(language.cut(found.value))</bdi>"
      let kind =
        found.isNote ? of("提示，已入库", "note, accepted") : of("退回", "returned")
      return """
        <tr><th scope="row">\(value)</th>
        <td>\(of(entry.element.name, entry.element.english))<span class="what"><a href="/rules/\(entry.list.id)">\(entry.list.id) \(of(entry.list.name, entry.list.english))</a></span></td>
        <td>\(found.system) \(names.category(found.category))</td><td class="short">\(kind)</td>
        <td class="n">\(language.number(found.records))</td><td class="n">\(found.lastNight)</td></tr>

        """
    }
    let rest = unknown.count - Self.shownValues
    let more: HTML = rest > 0 ? "<p class=\"note\">\(of("另 \(rest) 个", "\(rest) more"))</p>" : ""
    return section(
      "unknown", title,
      table(
        title,
        [
          (of("收到的值", "value"), false), (of("数据元 · 代码表", "element · code list"), false),
          (of("系统 · 类别", "system · category"), false), (of("结果", "outcome"), false),
          (of("记录", "records"), true), (of("最近一夜", "last night"), true),
        ], rows) + more)
  }

  private var made: HTML {
    let title = of("定义的修改（补丁）", "Changes of the definitions (patches)")
    guard !patches.isEmpty else {
      return section("patches", title, "<p>\(of("还没有。", "None yet."))</p>")
    }
    let words = ActWords(catalog, language)
    let rows: [HTML] = patches.map { patch in
      let act = patch.act
      let file: HTML =
        patch.name.map { "<a href=\"/codes/\($0)\" download=\"\($0)\">\($0)</a>" } ?? "·"
      return """
        <tr><th scope="row"><a href="/act/\(Int(act.id))">#\(Int(act.id))</a></th>
        <td>\(act.details.code.map(words.say) ?? "")</td><td>\(act.person.user)</td>
        <td class="short">\(words.time(act.time))</td><td class="short">\(state(patch, words))</td><td>\(file)</td></tr>

        """
    }
    return section(
      "patches", title,
      table(
        title,
        [
          (of("操作", "act"), false), (of("内容", "what"), false), (of("何人", "who"), false),
          (of("何时", "when"), false), (of("状态", "state"), false), (of("补丁", "patch"), false),
        ], rows) + CodeForm.advice(language))
  }

  private func state(_ patch: ActDesk.CodePatch, _ words: ActWords) -> String {
    if patch.isInForce { return of("已在定义中", "in the definitions") }
    guard patch.name != nil else { return words.standing(patch.act.standing(at: now)) }
    return of("待提交", "to be committed")
  }
}

/// What a value means: two forms, one for each answer.
struct CodeForm: ConsoleView {
  let element: DataElement
  let list: CodeList
  let spelling: String
  /// The record that it was found in.
  let row: Int64?
  let session: Session
  let language: ReportLanguage
  var form: [String: String] = [:]
  var problem: HTML?

  /// What a form says to be.
  enum Meaning: String, CaseIterable {
    case synonym
    case new
  }

  static func address(_ element: DataElement, _ value: String, row: Int64?) -> String {
    Address("/codes/new").with("element", element.identifier).with("value", value)
      .with("row", row.map { "\($0)" }).text
  }

  /// What becomes of a patch.
  static func advice(_ language: ReportLanguage) -> HTML {
    """
    <p class="note">\(language.of("补丁须由专人提交：在定义目录中执行", "Somebody has to commit a patch; in the folder of definitions: ")) <code>patch -p1 &lt; CLxx-N.patch</code>\(language.of("（或 git apply），检查后提交；下一夜起生效。", " (or git apply), look at it and commit; it counts from the next night on."))</p>
    """
  }

  var content: HTML {
    let alert: HTML =
      problem.map { "<div class=\"alert\" role=\"alert\" id=\"problem\">\($0)</div>" } ?? ""
    return """
      <p><a href="/codes">← \(of("新代码", "New codes"))</a></p>\(alert)
      <div class="sheet">\(facts([
        (of("数据元", "element"), "\(element.id) \(of(element.name, element.english))"),
        (of("代码表", "code list"), "\(list.id) \(of(list.name, list.english))"),
        (of("收到的值", "value received"), spelling),
      ]))<p class="note">\(of("确认后生成一份对定义的补丁，先用检查程序核对，须另一人审批。", "What is confirmed becomes a patch of the definitions, checked by the linter first. A second person has to agree."))</p></div>
      <section class="sheet acts" aria-labelledby="meaning"><h2 id="meaning">\(of("它是什么意思", "What it means"))</h2>
      \(entry(.synonym, of("已有代码的另一种写法", "Another spelling of a code"), synonym))\(entry(.new, of("新的代码", "A new code"), new))</section>
      """
  }

  private func entry(_ meaning: Meaning, _ title: String, _ fields: HTML) -> HTML {
    """
    <details\(flag: "open", form["meaning"] == meaning.rawValue)><summary>\(title)</summary>
    <form method="post" action="/codes/new"><input type="hidden" name="form" value="\(session.formToken)"/>
    <input type="hidden" name="meaning" value="\(meaning.rawValue)"/><input type="hidden" name="element" value="\(element.identifier)"/>
    <input type="hidden" name="row" value="\(row.map { "\($0)" } ?? "")"/>
    \(input("spelling", of("收到的写法（多值时只留不认识的一个）", "The spelling (of several values only the unknown one)"), spelling, meaning))\(fields)
    <p><label for="words-\(meaning.rawValue)">\(of("依据", "Why"))</label>
    <textarea id="words-\(meaning.rawValue)" name="words" rows="2" maxlength="500" required="required">\(value("words", meaning))</textarea></p>
    <button>\(of("确认", "Confirm"))</button></form></details>

    """
  }

  private func value(_ name: String, _ meaning: Meaning) -> String {
    form["meaning"] == meaning.rawValue ? form[name] ?? "" : ""
  }

  private func input(
    _ name: String, _ label: String, _ value: String, _ meaning: Meaning
  ) -> HTML {
    let id = "\(name)-\(meaning.rawValue)"
    return """
      <p><label for="\(id)">\(label)</label><input id="\(id)" name="\(name)" maxlength="80" required="required" value="\(form["meaning"] == meaning.rawValue ? form[name] ?? value : value)"/></p>

      """
  }

  private var synonym: HTML {
    let options: [HTML] = list.values.map { entry in
      "<option value=\"\(entry.code)\"\(flag: "selected", value("of", .synonym) == entry.code)>\(entry.code) \(of(entry.label, entry.english))</option>"
    }
    return """
      <p><label for="of">\(of("意思是", "It means"))</label><select id="of" name="of">\(options)</select></p>
      """
  }

  private var new: HTML {
    """
    \(input("code", of("代码", "Code"), list.isExtensible ? spelling : "", .new))\(input("label", of("名称", "Name"), spelling, .new))\(input("english", of("英文名称", "English name"), "", .new))
    """
  }
}
