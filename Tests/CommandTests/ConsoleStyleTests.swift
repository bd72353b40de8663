import Foundation
import TestSupport
import Testing

extension SampleConsole {
  /// The colours of the console and who can see where the keyboard is, from the style sheet that is served.
  @Suite struct ConsoleStyleTests {
    /// Selector and declarations of a rule.
    private struct Rule {
      var selectors: [String]
      var values: [String: String]
    }

    private let sheet: String

    init() throws {
      let console = try RunningConsole(try ConsoleHome.shared.get().home)
      sheet = try console.client.get("/console.css").body
    }

    private var rules: [Rule] {
      sheet.matches(of: /([^{}]+)\{([^{}]*)\}/).map { match in
        var values: [String: String] = [:]
        for declaration in match.2.split(separator: ";") {
          let parts = declaration.split(separator: ":", maxSplits: 1).map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
          }
          if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        let selectors = match.1.split(separator: ",").map {
          $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return Rule(selectors: selectors, values: values)
      }
    }

    /// Custom properties by scheme: light, then dark.
    private var palettes: [[String: String]] {
      rules.filter { $0.selectors.contains(":root") }.prefix(2).map { rule in
        rule.values.filter { $0.key.hasPrefix("--") }
      }
    }

    @Test func `what a rule writes can be read on what it paints`() throws {
      let palettes = palettes
      try #require(palettes.count == 2 && palettes[0] != palettes[1])
      let painted = rules.filter { $0.values["background"] != nil && $0.values["color"] != nil }
      try #require(painted.count > 10)
      var compared = 0
      for rule in painted {
        for (scheme, palette) in zip(["light", "dark"], palettes) {
          // What is painted with nothing stands on its panel.
          let background =
            rule.values["background"] == "none" ? "var(--panel)" : rule.values["background"]
          guard let back = Self.color(background, palette),
            let text = Self.color(rule.values["color"], palette)
          else { continue }
          compared += 1
          let ratio = contrast(text, back)
          #expect(ratio >= 4.5, "\(rule.selectors), \(scheme): \(ratio)")
        }
      }
      #expect(compared > 20)
    }

    @Test func `borders of fields can be told from what they stand on`() throws {
      for palette in palettes {
        let field = try #require(Self.color("var(--muted)", palette))
        for back in ["var(--panel)", "var(--page)"] {
          let ground = try #require(Self.color(back, palette))
          #expect(contrast(field, ground) >= 3)
        }
      }
      let fields = try #require(
        rules.first { $0.selectors.contains("input") && $0.values["border"] != nil })
      #expect(fields.values["border"] == "1px solid var(--muted)")
    }

    @Test func `everything that the keyboard reaches shows that it is there`() throws {
      let outlined = rules.filter { $0.values["outline"]?.contains("var(--link)") == true }
        .flatMap(\.selectors)
      for name in ["a", "summary", ".scroll", "input", "select", "textarea", "button"] {
        #expect(outlined.contains("\(name):focus-visible"), "\(name)")
      }
      let hidden = rules.filter { ["none", "0"].contains($0.values["outline"]) }.flatMap(
        \.selectors)
      // The target of the link that skips the navigation is not reached by the keyboard itself.
      #expect(hidden == ["main:focus"])
      for palette in palettes {
        let outline = try #require(Self.color("var(--link)", palette))
        for back in ["var(--panel)", "var(--page)"] {
          let ground = try #require(Self.color(back, palette))
          #expect(contrast(outline, ground) >= 3)
        }
      }
    }

    /// `var(--name)` of a palette; nil for anything else.
    private static func color(_ value: String?, _ palette: [String: String]) -> String? {
      value?.wholeMatch(of: /var\((--[a-z-]+)\)/).flatMap { palette[String($0.1)] }
    }
  }
}
