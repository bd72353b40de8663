import Catalog
import Pipeline
import Review
import Sharing
import WarehouseSQLite

/// Other records with the same findings: those that are open, and how the last ones ended.
struct SimilarSection: ConsoleView {
  let similar: SimilarCases
  let catalog: Catalog
  let account: Account
  /// Open ones, as the queue shows them.
  let open: HTML
  let language: ReportLanguage

  private var words: ActWords { ActWords(catalog, language) }

  var html: HTML {
    guard !similar.isEmpty else { return "" }
    let count = language.number(similar.count)
    let shown = similar.open.count
    let first: HTML =
      shown == 0
      ? "<p>\(of("没有其他未结束的。", "No other is open."))</p>"
      : "<p>\(of("问题完全相同、尚未结束的还有 \(count) 条，最近 \(shown) 条：", "\(count) others with the very same findings are open; the last \(shown):"))</p>\(open)"
    return section("similar", of("相似情况", "Similar cases"), "\(first)\(ended)")
  }

  private var ended: HTML {
    guard !similar.ended.isEmpty else { return "" }
    let title = of("已结束的怎样了", "How others ended")
    let rows: [HTML] = similar.ended.map { entry in
      let record = entry.record
      let how: HTML =
        entry.act.map {
          "\(words.kind($0.kind)) \(words.link($0, "#\($0.id)", for: account)) \(words.say($0, account.clearance))"
        } ?? "\(of("来源系统重新报送", "sent again by its source"))"
      let outcome =
        record.cameAgain ? of("再次退回", "returned again") : of("没有再退回", "did not come back")
      return """
        <tr><th scope="row"><a href="/record/\(Int(record.row))">\(of("批次 \(record.row >> 32) 第 \(record.row & 0xFFFF_FFFF) 条", "delivery \(record.row >> 32), record \(record.row & 0xFFFF_FFFF)"))</a></th>
        <td>\(record.system)</td><td>\(how)</td><td class="short">\(outcome)</td><td class="n">\(record.closedNight)</td></tr>

        """
    }
    return table(
      title,
      [
        (of("已结束的记录", "ended record"), false), (of("系统", "system"), false),
        (of("怎样处理", "what was done"), false), (of("结果", "outcome"), false),
        (of("结束", "ended"), true),
      ], rows)
  }
}
