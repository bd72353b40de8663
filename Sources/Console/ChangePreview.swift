import Catalog
import Pipeline
import Review

/// What a value for all records of a filter would change, on the first of them.
struct ChangePreview: ConsoleView {
  struct Example {
    var item: ReviewQueue.Item
    /// As the person may see it.
    var value: RecordCase.Value
  }

  let element: DataElement
  /// The new value; empty for none.
  let text: String
  /// Of what the old value is, where it is not the record itself.
  var entity: GoldenEntity?
  let examples: [Example]
  let catalog: Catalog
  let language: ReportLanguage

  var html: HTML {
    let names = CatalogNames(catalog, language)
    let rows: [HTML] = examples.map { example in
      let item = example.item
      let label =
        item.entityKey ?? item.recordID
        ?? of(
          "批次 \(item.row >> 32) 第 \(item.row & 0xFFFF_FFFF) 条",
          "delivery \(item.row >> 32), record \(item.row & 0xFFFF_FFFF)")
      return """
        <tr><th scope="row"><a href="/record/\(Int(item.row))"><bdi>\(label)</bdi></a></th>
        <td>\(item.system) \(names.category(item.category))</td>
        <td>\(old(example.value)) → \(new)</td></tr>

        """
    }
    let holder = entity.map { of($0.name, $0.english) + " " } ?? ""
    let name = holder + of(element.name, element.english)
    return table(
      of("预览", "preview"),
      [
        (of("记录", "record"), false), (of("系统 · 类别", "system · category"), false),
        (of("\(name)：原值 → 新值", "\(name): old value → new value"), false),
      ], rows)
  }

  private var new: HTML { text.isEmpty ? "–" : "<b><bdi>\(language.cut(text))</bdi></b>" }

  private func old(_ value: RecordCase.Value) -> HTML {
    switch value {
    case .empty: "–"
    case .shown(let text): "<bdi>\(language.cut(text))</bdi>"
    case .masked(let text):
      "<bdi class=\"mask\">\(language.cut(text))</bdi> <span class=\"tag\">\(of("脱敏", "masked"))</span>"
    case .withheld: "<span class=\"mask\">\(of("受限，不显示", "withheld"))</span>"
    }
  }
}
