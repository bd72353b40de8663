import Catalog
import Pipeline
import Review

/// Rows inside a record: its parties, measures, readings.
extension RecordPage {
  var rows: [HTML] { record.rows.map(table) }

  private func table(_ list: RecordCase.Rows) -> HTML {
    let id = "rows-\(list.table.name)"
    let title =
      language.of(list.table.title, list.table.english)
      + language.of("（\(list.values.count) 行）", " (\(list.values.count) rows)")
    let heads: [HTML] = zip(list.elements, list.reasons).map { element, reasons in
      """
      <th scope="col">\(signs(reasons))\(language.of(element.name, element.english)) <span class="muted">\(element.id)</span></th>
      """
    }
    let rows: [HTML] = list.values.enumerated().map { number, values in
      let cells: [HTML] = values.map { "<td>\(value($0))</td>" }
      return "<tr><th scope=\"row\">\(number + 1)</th>\(cells)</tr>\n"
    }
    return """
      <section class="sheet" aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
      <div class="scroll" role="region" tabindex="0" aria-label="\(title)"><table>
      <thead><tr><th scope="col">\(language.of("行", "row"))</th>\(heads)</tr></thead>
      <tbody>\(rows)</tbody></table></div></section>
      """
  }
}
