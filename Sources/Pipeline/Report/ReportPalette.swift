/// The colours of the report, by what they stand for. Every text keeps a contrast of 4.5 : 1 to what it
/// stands on, every line of a drawing 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11); no colour stands alone for a
/// meaning.
package struct ReportPalette: Sendable {
  /// `#rrggbb`, as all of them.
  package var page: String
  package var panel: String
  package var text: String
  package var muted: String
  package var rule: String
  package var link: String
  /// Lines and bars of drawings.
  package var ink: String
  /// Background and text of what is as it should be, misses by little, misses by much or is urgent, and
  /// of what does not count.
  package var good: (back: String, text: String)
  package var near: (back: String, text: String)
  package var bad: (back: String, text: String)
  package var none: (back: String, text: String)

  package static let light = ReportPalette(
    page: "#f4f5f6", panel: "#ffffff", text: "#1b2126", muted: "#56606a", rule: "#d5dade",
    link: "#17527a", ink: "#2a6b99", good: ("#e4f1e8", "#1c5a31"), near: ("#fcefcb", "#664700"),
    bad: ("#fadfdb", "#8a1a10"), none: ("#eceff1", "#4c5760"))

  package static let dark = ReportPalette(
    page: "#13171a", panel: "#1b2024", text: "#e5e9ec", muted: "#a5afb7", rule: "#38424a",
    link: "#90c7f0", ink: "#6fb1e0", good: ("#1d3627", "#a8dfb9"), near: ("#40330f", "#f3d67f"),
    bad: ("#4d211c", "#ffbdb3"), none: ("#262d32", "#b3bdc5"))

  /// Text and what it stands on, by name.
  package var textPairs: [(name: String, text: String, back: String)] {
    [
      ("text on page", text, page), ("text on panel", text, panel), ("muted on page", muted, page),
      ("muted on panel", muted, panel), ("link on page", link, page),
      ("link on panel", link, panel), ("good", good.text, good.back),
      ("near", near.text, near.back), ("bad", bad.text, bad.back), ("none", none.text, none.back),
      ("text on none", text, none.back), ("text on bad", text, bad.back),
      ("text on near", text, near.back), ("bad on panel", bad.text, panel),
      ("good on panel", good.text, panel), ("near on panel", near.text, panel),
      ("muted on none", muted, none.back), ("link on none", link, none.back),
      ("link on bad", link, bad.back), ("link on near", link, near.back),
    ]
  }

  /// Lines of drawings and what they stand on.
  package var graphicPairs: [(name: String, text: String, back: String)] {
    [("ink on panel", ink, panel), ("missed on panel", bad.text, panel)]
  }

  /// Custom properties of the style sheet.
  var properties: String {
    let values = [
      ("page", page), ("panel", panel), ("text", text), ("muted", muted), ("rule", rule),
      ("link", link), ("ink", ink), ("good", good.back), ("good-text", good.text),
      ("near", near.back), ("near-text", near.text), ("bad", bad.back), ("bad-text", bad.text),
      ("none", none.back), ("none-text", none.text),
    ]
    return values.map { "--\($0.0):\($0.1)" }.joined(separator: ";")
  }
}
