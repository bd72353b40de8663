import Catalog
import Pipeline
import Warehouse

/// What is said of held deliveries, and the forms in which people decide about them.
enum HeldDeliveries {
  /// Of a box, before the number of its delivery: of a name that comes twice a form keeps the last alone.
  static let prefix = "delivery."
  private static let formName = "decide"
  static let path = "/deliveries/decide"

  /// Why it is held, line by line, and what can be done about it.
  static func reasons(_ entry: DeliveryEntry, _ language: ReportLanguage) -> HTML {
    let lines: [HTML] = entry.reason.split(separator: "\n").map(String.init).map { line in
      let reason = HoldReason(ledgerLine: line)
      let text = reason.map { language.of($0.chinese, $0.message) } ?? line
      let advice = reason.map { language.of($0.kind.adviceChinese, $0.kind.adviceEnglish) } ?? ""
      return """
        <p><span class="tag">\(reason?.code.rawValue ?? "")</span> \(text)<span class="what">\(advice)</span></p>
        """
    }
    return HTML.joined(lines)
  }

  /// Chooses a delivery of a table for ``form(_:_:)``, which stands outside: each line has a form of its own.
  static func box(_ entry: DeliveryEntry, _ language: ReportLanguage) -> HTML {
    """
    <input type="checkbox" form="\(formName)" name="\(prefix)\(Int(entry.id))" value="1" aria-label="\(language.of("批次 \(entry.id)", "delivery \(entry.id)"))"/>
    """
  }

  /// Decides about all that are chosen.
  static func form(_ language: ReportLanguage, _ token: String) -> HTML {
    """
    <form id="\(formName)" class="decision" method="post" action="\(path)"><input type="hidden" name="form" value="\(token)"/>
    <label for="words-chosen">\(language.of("勾选的批次，理由", "Those marked: why"))</label> <input id="words-chosen" name="words" maxlength="500" required="required"/>
    <button name="decision" value="release">\(language.of("放行勾选的批次", "Release those marked"))</button> <button name="decision" value="reject">\(language.of("拒收勾选的批次", "Reject those marked"))</button></form>
    """
  }

  /// Takes back what was decided about one delivery.
  static func holdForm(_ id: Int64, _ language: ReportLanguage, _ token: String) -> HTML {
    """
    <form class="decision" method="post" action="/delivery/\(Int(id))/hold"><input type="hidden" name="form" value="\(token)"/>
    <label for="words-hold">\(language.of("理由", "Why"))</label> <input id="words-hold" name="words" maxlength="500" required="required"/>
    <button>\(language.of("撤回决定，恢复挂起", "Take it back: hold again"))</button></form>
    """
  }
}

/// One decision about several deliveries: what it will be, or what it was.
struct HoldPage: ConsoleView {
  let decision: HoldDesk.Decision
  let deliveries: [DeliveryEntry]
  /// They are decided about already.
  let isDone: Bool
  let catalog: Catalog
  let language: ReportLanguage
  let formToken: String
  /// Why, as it was typed.
  let words: String

  var title: String {
    switch decision {
    case .release: of("放行批次", "Release deliveries")
    case .reject: of("拒收批次", "Reject deliveries")
    case .hold: of("恢复挂起", "Hold deliveries again")
    }
  }

  var content: HTML {
    let names = CatalogNames(catalog, language)
    let rows: [HTML] = deliveries.map { entry in
      let count = entry.balance.read
      return """
        <tr><th scope="row"><a href="\(DeliveryRequest.address(entry.id).text)"><bdi>\(language.cut(entry.fileName))</bdi></a><span class="what">\(
          of("批次", "delivery")) \(Int(entry.id))</span></th>
        <td>\(entry.system) \(names.category(entry.category))</td>
        <td class="n">\(count == 0 ? "–" : language.number(count))</td>
        <td>\(HeldDeliveries.reasons(entry, language))</td></tr>

        """
    }
    return """
      <p><a href="/queue?held=1">\(of("← 挂起的批次", "← held deliveries"))</a></p>
      <div class="sheet"><p><b>\(summary)</b></p>\(isDone ? "" : secret)
      \(table(
        title,
        [
          (of("文件", "file"), false), (of("系统 · 类别", "system · category"), false),
          (of("记录", "records"), true), (of("原因", "reason"), false),
        ], rows))\(form)</div>
      """
  }

  private var summary: String {
    let number = language.number(deliveries.count)
    let records = language.number(deliveries.reduce(0) { $0 + $1.balance.read })
    let uncounted = deliveries.count { $0.balance.read == 0 }
    let rest =
      uncounted == 0
      ? "" : of("，另 \(uncounted) 批没有数过记录", "; the records of \(uncounted) are not counted")
    // A delivery on its way has no number.
    let count =
      isDone && decision == .release
      ? "" : of("，共 \(records) 条记录", ", \(records) records in all") + rest
    let text =
      switch decision {
      case .release: isDone ? of("已放行", "released") : of("将放行", "to be released")
      case .reject: isDone ? of("已拒收", "rejected") : of("将拒收", "to be rejected")
      case .hold: isDone ? of("已恢复挂起", "held again") : of("将恢复挂起", "to be held again")
      }
    return of("\(text) \(number) 批", "\(number) deliveries \(text)") + count
  }

  /// A release does not let them pass.
  private var secret: HTML {
    let secret = deliveries.filter { decision == .release && HoldDesk.isSecret($0) }
    guard !secret.isEmpty else { return "" }
    let list = secret.map { "\($0.id)" }.joined(separator: of("、", ", "))
    return
      "<p class=\"alert\">\(of("其中 \(secret.count) 批含涉密或密级不明的记录，放行后仍会再次挂起：\(list)", "\(secret.count) of them hold records that are classified, or may be, and will be held again: \(list)"))</p>"
  }

  private var form: HTML {
    // What is held again is decided about where all held deliveries are.
    if isDone, decision == .hold { return "" }
    let next: HoldDesk.Decision = isDone ? .hold : decision
    let chosen: [HTML] = deliveries.map {
      "<input type=\"hidden\" name=\"\(HeldDeliveries.prefix)\(Int($0.id))\" value=\"1\"/>"
    }
    let confirmation: HTML =
      isDone
      ? ""
      : "<input type=\"hidden\" name=\"confirmed\" value=\"1\"/><input type=\"hidden\" name=\"expected\" value=\"\(deliveries.count)\"/>"
    let button = isDone ? of("撤回决定，恢复挂起", "Take it back: hold again") : of("确认", "Confirm")
    return """
      <form class="decision" method="post" action="\(HeldDeliveries.path)"><input type="hidden" name="form" value="\(formToken)"/>
      <input type="hidden" name="decision" value="\(next.rawValue)"/>\(chosen)\(confirmation)
      <label for="words">\(of("理由", "Why"))</label> <input id="words" name="words" maxlength="500" required="required" value="\(isDone ? "" : words)"/>
      <button>\(button)</button></form>
      """
  }
}
