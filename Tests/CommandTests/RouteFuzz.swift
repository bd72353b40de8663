import TestSupport

/// Requests that nobody's browser makes: known routes with hostile pieces. All of them follow from the seed.
struct RouteFuzz {
  struct Ask {
    var method: String
    /// Path and query.
    var target: String
    /// nil for what has no body.
    var form: [(name: String, value: String)]?
    /// Whether the form carries the token of the session.
    var hasToken: Bool

    func body(token: String) -> String {
      guard let form else { return "" }
      return (form + (hasToken ? [("form", token)] : []))
        .map { Form.encoded($0.name) + "=" + Form.encoded($0.value) }.joined(separator: "&")
    }
  }

  /// Routes with `#` where a number stands, and the parameters and fields of all of them.
  private static let routes = [
    "/", "/night", "/queue", "/queue/act", "/record/#", "/record/#/act", "/record/#/override",
    "/acts", "/act/#",
    "/act/#/approve", "/act/#/refuse", "/act/#/undo", "/delivery/#/release", "/delivery/#/reject",
    "/delivery/#/hold", "/deliveries/decide", "/users",
    "/incidents", "/incidents/#", "/approvals", "/approvals/share-R#", "/rules", "/rules/CR#",
    "/rules/CL#", "/rules/ZF#", "/rules/NL#", "/rules/SC#", "/rules/SAM", "/codes", "/codes/new",
    "/codes/CL#-#.patch", "/shadow",
    "/shadow/#", "/shadow/#/cancel", "/rules/CR#/try", "/audit",
    "/audit/verify", "/deliveries", "/deliveries/#", "/records", "/sign-in", "/console.css",
  ]
  private static let names = [
    "q", "status", "system", "category", "code", "rule", "element", "severity", "age", "attempt",
    "after", "page", "sort", "view", "held", "assigned", "lang", "show", "kind", "from", "to",
    "user",
    "outcome", "key", "reference", "before", "next", "night", "conflict", "subject", "core",
    "notes",
  ]
  private static let fields = [
    "kind", "words", "until", "assignee", "element", "value", "expected", "act", "text", "to",
    "filter.system", "filter.category", "filter.code", "filter.q", "filter.age", "filter.attempt",
    "value.registered_division_code", "value.uscc", "value.entity_name", "value.", "user", "form",
    "meaning", "spelling", "of", "label", "english", "row", "entity", "retire", "preview",
    "when", "holds", "severity", "decision", "confirmed",
    "delivery.1", "delivery.14", "delivery.-1", "delivery.x",
  ]
  private static let methods = [
    "GET", "GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "PATCH",
    "OPTIONS", "TRACE",
  ]
  private static let words = [
    "SAM", "MEM", "ENT", "INS", "PEN", "returned", "pending", "Q24", "Q21", "CR07", "uscc", "1",
    "0", "1-5", "11+", "3+", "2026-03-07", "2026-13-40", "9999-12-31", "comment", "assign",
    "return", "waive", "correct", "release", "hold", "approve", "refuse", "acknowledge", "resolve",
    "records",
    "newest", "element", "code-list", "all", "closed", "allowed", "denied", "en", "sam", "chief",
    "row:1", "|", "a|b|c",
  ]
  private static let hostile = [
    "", " ", "'", "\"", "\"><script>alert(1)</script>", "' OR '1'='1", "1; DROP TABLE act; --",
    "\0", "\u{1}\u{7F}", "../../../etc/passwd", "%2e%2e%2f", "\r\nSet-Cookie: a=b", "{}", "[[[[",
    "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e309", "NaN",
    "\u{202E}\u{200F}", "\u{FEFF}", "𠀀𪜶", "é\u{301}\u{301}", String(repeating: "行", count: 700),
    String(repeating: "9", count: 200), "*", "%", "_", "\\", "&amp;", "?#", ";",
  ]
  private static let hostileSteps = [
    "..", "%2e%2e", "%2F", "%00", "%ff%fe", "%", "%zz", "'", "<script>", ";a=b", "~", "*", "**",
    ":row", "%E8%A1%8C", "act", "undo", "share-", "999999999999999999999",
  ]

  private var random: SeededGenerator
  private let rows: [Int]

  /// - Parameter rows: Records that are there.
  init(seed: UInt64, rows: [Int]) {
    random = SeededGenerator(seed: seed)
    self.rows = rows
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func happens(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func number() -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: "\(pick(rows))"
    case 5..<8: "\(Int.random(in: 0...30, using: &random))"
    case 8: String(repeating: "0", count: Int.random(in: 1...4, using: &random)) + "7"
    default:
      pick(["-1", "0", "00000000000000000001", "9223372036854775807", "9223372036854775808"])
    }
  }

  private mutating func value() -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: pick(Self.words)
    case 5..<9: pick(Self.hostile)
    default: number()
    }
  }

  private mutating func path() -> String {
    var steps = pick(Self.routes).split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    for index in steps.indices where steps[index].contains("#") {
      steps[index] = steps[index].replacing("#", with: number())
    }
    if happens(20) {
      steps.insert(pick(Self.hostileSteps), at: Int.random(in: 1...steps.count, using: &random))
    }
    return steps.joined(separator: "/")
  }

  mutating func next() -> Ask {
    let method = pick(Self.methods)
    var target = path()
    let count = Int.random(in: 0...4, using: &random)
    let pairs = (0..<count).map { _ in
      pick(Self.names) + (happens(90) ? "=" : "") + Form.encoded(value())
    }
    if !pairs.isEmpty { target += "?" + pairs.joined(separator: "&") }
    guard method != "GET", method != "HEAD" else {
      return Ask(method: method, target: target, form: nil, hasToken: false)
    }
    let fields = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      (name: pick(Self.fields), value: value())
    }
    return Ask(method: method, target: target, form: fields, hasToken: happens(80))
  }
}
