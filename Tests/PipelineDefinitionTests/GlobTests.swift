import Testing

@testable import Catalog

@Suite struct GlobTests {
  @Test(arguments: [
    ("PEN_*.csv*", "PEN_20260301.csv", true), ("PEN_*.csv*", "PEN_20260301.csv.gz", true),
    ("PEN_*.csv*", "PEN.csv", false), ("行政处罚_*.csv", "行政处罚_20260301.csv", true),
    ("行政处罚_*.csv", "行政强制_20260301.csv", false), ("??.txt", "处罚.txt", true),
    ("??.txt", "处.txt", false), ("[a-c]*", "b1", true), ("[!a-c]*", "b1", false),
    ("[^a-c]*", "d1", true), ("[]x]", "]", true), ("[a-]", "-", true), ("a[-z]", "a-", true),
    ("x.{csv,tsv}", "x.tsv", true), ("x.{csv,tsv}", "x.xml", false), ("{a,b{c,d}}", "bd", true),
    ("a{,b}", "a", true), ("\\*.csv", "*.csv", true), ("\\*.csv", "a.csv", false), ("*", "", true),
    ("", "", true), ("", "a", false), ("**a**", "bab", true), ("a*b*c", "aXbXbXc", true),
    ("a*b*c", "aXbXbX", false), ("e\u{301}*", "\u{E9}t\u{E9}", true), ("?", "👨‍👩‍👧", true),
    ("a}", "a}", true), ("a,b", "a,b", true),
  ])
  func `a pattern fits a name or does not`(pattern: String, name: String, fits: Bool) throws {
    #expect(try Glob(pattern).matches(name) == fits)
  }

  @Test(arguments: [
    ("a*", "*b", true), ("a*", "b*", false), ("*.csv", "*.tsv", false),
    ("PEN_*.csv*", "PENALTY_*.csv*", false), ("PEN*", "PENALTY_*", true),
    ("[a-m]*", "[n-z]*", false),
    ("[a-m]*", "[m-z]*", true), ("[!a]", "a", false), ("[!a]", "[a-b]", true),
    ("[!a-c]", "[a-b]", false),
    ("?", "??", false), ("?*", "??", true), ("*全量*", "处罚_*.csv", true), ("{a,b}", "{c,d}", false),
    ("{a,b}x", "b*", true), ("", "*", true), ("", "?", false), ("[!a]", "[!b]", true),
  ])
  func `two patterns have a common name or have none`(
    left: String, right: String, overlap: Bool
  ) throws {
    let (a, b) = (try Glob(left), try Glob(right))
    #expect(a.overlaps(b) == overlap)
    #expect(b.overlaps(a) == overlap)
  }

  /// All short patterns against all short names: a common name that exists is never missed.
  @Test func `overlap agrees with trying all names`() throws {
    let parts = ["a", "b", "*", "?", "[!a]"]
    let patterns = try words(parts, upTo: 3).map { try Glob($0) }
    let names = words(["a", "b"], upTo: 4)
    let fits = patterns.map { pattern in names.map { pattern.matches($0) } }
    for (i, left) in patterns.enumerated() {
      for (j, right) in patterns.enumerated() {
        let isCommon = zip(fits[i], fits[j]).contains { $0 && $1 }
        // Names outside the alphabet may be common where two classes meet.
        if isCommon { #expect(left.overlaps(right), "\(left) \(right)") }
        if !left.overlaps(right) { #expect(!isCommon, "\(left) \(right)") }
      }
    }
  }

  private func words(_ parts: [String], upTo length: Int) -> [String] {
    var all = [""]
    var last = [""]
    for _ in 0..<length {
      last = last.flatMap { word in parts.map { word + $0 } }
      all += last
    }
    return all
  }

  @Test(arguments: [
    ("[a", "has no ]"), ("[]", "has no ]"), ("{a", "has no }"), ("a\\", "follows"),
    ("[z-a]", "upside down"), (String(repeating: "{a,b}", count: 7), "more than 64"),
    (String(repeating: "a", count: 1025), "more than 1024"),
    (String(repeating: "{", count: 20), "nested"),
  ])
  func `a damaged pattern says what is wrong`(pattern: String, says: String) {
    let error = #expect(throws: Glob.PatternError.self) { try Glob(pattern) }
    #expect(error?.message.contains(says) == true)
  }

  @Test func `many stars take no long time`() throws {
    let glob = try Glob(String(repeating: "*a", count: 200) + "b")
    #expect(!glob.matches(String(repeating: "a", count: 2000)))
  }
}
