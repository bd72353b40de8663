import Catalog
import Pipeline
import Review

/// Records behind a number, line by line.
struct RecordTable: ConsoleView {
  let list: RecordList
  let catalog: Catalog
  let language: ReportLanguage
  /// This page, for the next one.
  let address: Address
  let isFirst: Bool
  /// The records are of several deliveries.
  let showsDelivery: Bool

  private var names: CatalogNames { CatalogNames(catalog, language) }
  private var words: ConsoleWords { ConsoleWords(language) }

  var html: HTML {
    guard !list.items.isEmpty else {
      return "<p>\(of("没有这样的记录。", "There is no such record."))</p>"
    }
    return """
      \(table(
        of("记录", "records"),
        [(of("记录", "record"), false)]
          + (showsDelivery
            ? [(of("系统 · 类别", "system · category"), false), (of("文件", "file"), false)] : [])
          + [
            (of("行", "line"), true), (of("状态", "status"), false),
            (of("夜", "night"), true),
          ], list.items.map(row)))
      \(pages(
        first: isFirst ? nil : address.with("after", nil).text,
        next: list.next.map { address.with("after", "\($0)").text }))
      """
  }

  private func row(_ item: RecordList.Item) -> HTML {
    let key = item.entityKey ?? item.recordID
    let label: HTML =
      key.map { "<bdi>\($0)</bdi>" }
      ?? "\(of("第 \(item.recordNumber) 条", "record \(item.recordNumber)"))"
    let name: HTML = item.row.map { "<a href=\"/record/\(Int($0))\">\(label)</a>" } ?? label
    let ended: HTML =
      item.closedNight.map { "<span class=\"what\">\(of("\($0) 已结束", "ended \($0)"))</span>" } ?? ""
    let file = language.cut(item.fileName, to: 60)
    let delivery: HTML =
      showsDelivery
      ? "<td>\(item.system) \(names.category(item.category))</td><td><bdi>\(file)</bdi></td>" : ""
    return """
      <tr><th scope="row">\(name)<span class="what">\(item.entityKey == nil ? "" : item.recordID ?? "")</span></th>
      \(delivery)<td class="n">\(language.number(item.line))</td>
      <td class="short">\(words.status(item.status))\(ended)</td>
      <td class="n">\(item.night)</td></tr>

      """
  }
}
