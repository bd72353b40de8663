import Records
import Warehouse

/// The last nights as small drawings, with the numbers in words and in a table.
extension ReportPage {
  private static let width = 320
  /// Room at the left for the scale.
  private static let gutter = 42
  private static let height = 92
  private static let top = 10
  private static let bottom = 74

  private struct Drawing {
    var id: String
    var title: String
    var now: String
    var description: String
    var marks: HTML
    /// Words of the scale, at their heights.
    var scale: [(text: String, y: Int)]
  }

  var trendSection: HTML? {
    guard !report.trend.isEmpty else { return nil }
    let drawings = [
      attainmentDrawing,
      columns("returned", language.of("退回记录", "returned"), { $0.balance.returned }),
      columns("read", language.of("读取记录", "read"), { $0.balance.read }),
    ]
    let figures: [HTML] = drawings.map(figure)
    let title = language.of("最近 \(report.trend.count) 夜", "The last \(report.trend.count) nights")
    return section("trend", title, "<div><div class=\"charts\">\(figures)</div></div>\(table)")
  }

  /// Middle of a night's column; the last night stands at the right end whatever their number is.
  private func x(_ index: Int) -> Int {
    let slots = ReportLimits.trendNights
    let slot = index + slots - report.trend.count
    let room = Self.width - Self.gutter
    return Self.gutter + (room * (2 * slot + 1)) / (2 * slots)
  }

  private func figure(_ drawing: Drawing) -> HTML {
    let first = report.trend.first?.night.dropFirst(5) ?? ""
    let last = report.trend.last?.night.dropFirst(5) ?? ""
    let scale: [HTML] = drawing.scale.map {
      "<text x=\"\(Self.gutter - 6)\" y=\"\($0.y + 4)\" text-anchor=\"end\">\($0.text)</text>\n"
    }
    return """
      <figure><figcaption><b>\(drawing.title)</b><span>\(language.of("本夜", "tonight")) \(drawing.now)</span></figcaption>
      <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-labelledby="\(drawing.id)-title \(drawing.id)-text">
      <title id="\(drawing.id)-title">\(drawing.title)</title>
      <desc id="\(drawing.id)-text">\(drawing.description)</desc>
      <line class="axis" x1="\(Self.gutter)" y1="\(Self.bottom)" x2="\(Self.width)" y2="\(Self.bottom)"/>
      \(drawing.marks)
      \(scale)<text x="\(x(0) - 4)" y="\(Self.height - 3)">\(report.trend.count > 3 ? String(first) : "")</text>
      <text x="\(Self.width)" y="\(Self.height - 3)" text-anchor="end">\(String(last))</text>
      </svg></figure>

      """
  }

  // MARK: Attainment

  private var attainmentDrawing: Drawing {
    let shares = report.trend.map(\.balance.attainment)
    let known = shares.compactMap { $0 }
    let lowest = min(known.min() ?? 1, report.attainmentTarget)
    let low = max(0, (lowest * 100 - 1).rounded(.down) / 100)
    func y(_ share: Double) -> Int {
      Self.bottom - Int(((share - low) / (1 - low) * Double(Self.bottom - Self.top)).rounded())
    }
    var lines: [HTML] = []
    var path: [String] = []
    var marks: [HTML] = []
    func close() {
      if path.count > 1 {
        lines.append("<polyline class=\"line\" points=\"\(path.joined(separator: " "))\"/>")
      }
      path = []
    }
    for (index, share) in shares.enumerated() {
      guard let share else {
        close()
        continue
      }
      let (column, line) = (x(index), y(share))
      path.append("\(column),\(line)")
      // Missed nights have another shape, not only another colour.
      marks.append(
        isBelow(share)
          ? "<path class=\"mark\" d=\"M\(column - 4) \(line - 3)h8l-4 7z\"/>"
          : "<circle class=\"dot\" cx=\"\(column)\" cy=\"\(line)\" r=\"2.2\"/>")
    }
    close()
    let goal = y(report.attainmentTarget)
    var scale = [
      ("100 %", Self.top), ("\(language.shortPercent(report.attainmentTarget)) %", goal),
    ]
    // Words that would touch are left out; the target's stand.
    if goal - Self.top < 12 { scale.removeFirst() }
    if Self.bottom - goal >= 12 { scale.append(("\(language.shortPercent(low)) %", Self.bottom)) }
    let description = language.of(
      "\(report.trend.count) 夜：最高 \(language.percent(known.max()))，最低 \(language.percent(known.min()))，"
        + "\(known.count { isBelow($0) }) 夜低于 \(target)。",
      "\(report.trend.count) nights: highest \(language.percent(known.max())), lowest "
        + "\(language.percent(known.min())), \(known.count { isBelow($0) }) below \(target).")
    return Drawing(
      id: "trend-attainment", title: language.of("达标率", "attainment"),
      now: language.percent(shares.last ?? nil), description: description,
      marks: """
        <line class="target" x1="\(Self.gutter)" y1="\(goal)" x2="\(Self.width)" y2="\(goal)"/>
        \(lines)\(marks)
        """, scale: scale)
  }

  // MARK: Counts

  private func columns(
    _ id: String, _ title: String, _ value: (NightSum) -> Int
  ) -> Drawing {
    let values = report.trend.map(value)
    let highest = values.max() ?? 0
    let bars: [HTML] = values.enumerated().compactMap { index, value in
      guard value > 0, highest > 0 else { return nil }
      let size = Double(value) / Double(highest) * Double(Self.bottom - Self.top - 4)
      let height = max(1, Int(size.rounded()))
      return """
        <rect class="column" x="\(x(index) - 4)" y="\(Self.bottom - height)" width="8" height="\(height)"/>
        """
    }
    let description = language.of(
      "\(values.count) 夜：最多 \(language.number(highest))，最少 \(language.number(values.min() ?? 0))。",
      "\(values.count) nights: most \(language.number(highest)), least "
        + "\(language.number(values.min() ?? 0)).")
    return Drawing(
      id: "trend-\(id)", title: title, now: language.number(values.last ?? 0),
      description: description, marks: HTML.joined(bars),
      scale: [(language.compact(highest), Self.top + 4), ("0", Self.bottom)])
  }

  private var table: HTML {
    let rows: [HTML] = report.trend.reversed().map { night in
      """
      <tr><th scope="row">\(night.night)</th><td class="n">\(language.percent(night.balance.attainment))\(
        isBelow(night.balance.attainment) ? " ▼" : "")</td>\(
        number(night.balance.read, .deliveries(night: night.night)))\(
        number(night.balance.accepted, .deliveries(.accepted, night: night.night)))\(
        number(night.balance.returned, .deliveries(.returned, night: night.night)))\(
        number(night.held, .deliveries(.held, night: night.night)))</tr>

      """
    }
    let table: HTML = """
      <table>
      <thead><tr><th scope="col">\(language.of("夜", "night"))</th><th scope="col" class="n">\(
        language.of("达标率", "attainment"))</th><th scope="col" class="n">\(
        language.of("读取", "read"))</th><th scope="col" class="n">\(
        language.of("入库", "accepted"))</th><th scope="col" class="n">\(
        language.of("退回", "returned"))</th><th scope="col" class="n">\(
        language.of("挂起批次", "held deliveries"))</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
    return """
      <details><summary>\(language.of("逐夜数字", "The numbers, night by night"))</summary>
      \(scrolling(language.of("逐夜数字", "night by night"), table))</details>
      """
  }
}
