import Access
import Catalog
import Pipeline
import Review
import Warehouse

/// The frame of every page: head, navigation, content, and who is signed in.
struct ConsolePage {
  /// A part of the console that has a place in the navigation.
  enum Part: String, CaseIterable {
    case night
    case queue
    case acts
    case incidents
    case approvals
    case rules
    case codes
    case audit
    case users

    /// Whether people of a role find it in the navigation; others are told that it is not there.
    func isOpen(to role: AccountRole) -> Bool {
      switch self {
      case .night, .rules: true
      case .queue, .acts, .incidents, .codes: role.readsRecords
      case .approvals: role == .approver
      case .audit: role == .auditor
      case .users: role == .administrator
      }
    }
  }

  var title: String
  var part: Part?
  var content: HTML
  /// nil on pages for people who are not signed in.
  var session: Session?
  var language: ReportLanguage
  /// Path and query of this page, for the language switch.
  var address: String
  /// Seconds after which the page loads itself again; nil for never.
  var refresh: Int?
  /// Decisions that wait for the person; nil for people who decide nothing.
  var waiting: Int?

  var text: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="\(language.tag)">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>\(reload)
      <title>\(title) · 清源</title>
      <link rel="stylesheet" href="/console.css"/>
      <link rel="icon" href="data:,"/>
      </head>
      <body>
      <a class="skip" href="#content">\(language.of("跳到正文", "Skip to the content"))</a>
      <header class="bar-top">
      <p class="brand"><a href="/">清源</a></p>
      \(navigation)
      <div class="who">\(who)\(languageSwitch)</div>
      </header>
      <main id="content" tabindex="-1">
      <h1>\(title)</h1>
      \(content)
      </main>
      </body>
      </html>

      """
    return page.text
  }

  private var reload: HTML {
    refresh.map { "\n<meta http-equiv=\"refresh\" content=\"\($0)\"/>" } ?? ""
  }

  private var navigation: HTML {
    guard let session else { return "" }
    let parts = Part.allCases.filter { $0.isOpen(to: session.account.role) }
    let items: [HTML] = parts.map { part in
      let name =
        switch part {
        case .night: language.of("昨夜", "Last night")
        case .queue: language.of("待办队列", "Queue")
        case .acts: language.of("处理记录", "Acts")
        case .incidents: language.of("问题事件", "Incidents")
        case .approvals: language.of("审批", "Approvals")
        case .audit: language.of("访问日志", "Access log")
        case .users: language.of("用户", "Users")
        case .rules: language.of("规则", "Rules")
        case .codes: language.of("新代码", "New codes")
        }
      let current: HTML = part == self.part ? " aria-current=\"page\"" : ""
      let count = part == .approvals ? waiting ?? 0 : 0
      let label = count > 0 ? name + language.of("（\(count)）", " (\(count))") : name
      return "<li><a href=\"/\(part.rawValue)\"\(current)>\(label)</a></li>"
    }
    return
      "<nav aria-label=\"\(language.of("主导航", "main"))\"><ul>\(items)</ul></nav>"
  }

  private var who: HTML {
    guard let session else { return "" }
    let account = session.account
    let role = language.of(account.role.chinese, account.role.rawValue)
    let systems = account.systems.map { $0.sorted().joined(separator: " ") } ?? ""
    return """
      <span class="person"><b>\(account.person.user)</b> \(role) · \(account.person.department)\(
        systems.isEmpty ? "" : " · \(systems)") · \(ConsoleWords(language).clearance(account.clearance))</span>
      <form method="post" action="/sign-out"><input type="hidden" name="form" value="\(session.formToken)"/><button class="plain">\(
        language.of("退出", "Sign out"))</button></form>
      """
  }

  private var languageSwitch: HTML {
    let other: ReportLanguage = language == .chinese ? .english : .chinese
    let address = Address(address).with("lang", other == .english ? "en" : "zh")
    return """
      <a class="language" lang="\(other.tag)" hreflang="\(other.tag)" href="\(address.text)">\(
        other == .english ? "English" : "中文")</a>
      """
  }
}

/// What the console calls things.
struct ConsoleWords {
  let language: ReportLanguage

  init(_ language: ReportLanguage) { self.language = language }

  func clearance(_ tier: SharingTier) -> String {
    switch tier {
    case .public: language.of("可看公开内容", "sees public values")
    case .shared: language.of("可看内部共享内容", "sees shared values")
    case .restricted: language.of("可看受限内容", "sees restricted values")
    }
  }

  func delivery(_ status: DeliveryStatus) -> String {
    switch status {
    case .taken: language.of("待处理", "taken")
    case .judged: language.of("已核验", "judged")
    case .loaded: language.of("已处理", "loaded")
    case .held: language.of("已挂起", "held")
    case .rejected: language.of("已拒收", "rejected")
    case .repeated: language.of("重复文件", "repeated")
    }
  }

  func status(_ status: String) -> String {
    switch status {
    case "returned": language.of("已退回", "returned")
    case "pending": language.of("待引用", "pending")
    case "withheld": language.of("复核未通过", "withheld")
    case "accepted": language.of("已入库", "accepted")
    case "unchanged", "duplicate", "deleted", "held":
      BalanceTerm(rawValue: status)?.name(language) ?? status
    default: status
    }
  }

  func severity(_ severity: String) -> String {
    switch severity {
    case "return": language.of("退回", "return")
    case "hold": language.of("挂起", "hold")
    case "note": language.of("提示", "note")
    default: severity
    }
  }

  func age(_ age: String) -> String {
    switch QueueFilter.Age(rawValue: age) {
    case .today: language.of("不足 1 个工作日", "less than a working day")
    case .week: language.of("1–5 个工作日", "1–5 working days")
    case .fortnight: language.of("6–10 个工作日", "6–10 working days")
    case .older: language.of("10 个工作日以上", "over 10 working days")
    case nil: age
    }
  }

  func attempt(_ attempt: String) -> String {
    switch attempt {
    case "1": language.of("首次", "first time")
    default: language.of("第 \(attempt) 次", "\(attempt) times")
    }
  }

  func facet(_ facet: QueueFilter.Facet) -> String {
    switch facet {
    case .status: language.of("状态", "status")
    case .system: language.of("系统", "system")
    case .category: language.of("类别", "category")
    case .code: language.of("问题类型", "issue")
    case .rule: language.of("规则", "rule")
    case .element: language.of("数据元", "element")
    case .severity: language.of("严重程度", "severity")
    case .age: language.of("停留时间", "age")
    case .night: language.of("夜", "night")
    case .attempt: language.of("退回次数", "attempts")
    }
  }
}

/// A path with its query.
struct Address {
  private var path: String
  private var parts: [(name: String, value: String)] = []

  init(_ text: String) {
    let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = halves.first.map(String.init) ?? "/"
    if halves.count > 1 { parts = FormText.parts(halves[1]) }
  }

  /// - Parameters:
  ///   - value: nil to leave it out.
  ///   - keepsEmpty: Whether the empty text is a value too.
  func with(_ name: String, _ value: String?, keepsEmpty: Bool = false) -> Address {
    var result = self
    result.parts.removeAll { $0.name == name }
    if let value, keepsEmpty || !value.isEmpty { result.parts.append((name, value)) }
    return result
  }

  var text: String {
    guard !parts.isEmpty else { return path }
    let query = parts.map { FormText.encoded($0.name) + "=" + FormText.encoded($0.value) }
    return path + "?" + query.joined(separator: "&")
  }
}

/// Names and values as forms send them (`application/x-www-form-urlencoded`).
enum FormText {
  /// Bytes of the longest name; those of the pages are ASCII, and what has another name is nobody's.
  private static let longestName = 128
  /// Marks that may follow one letter, of the Stream-Safe Text Format.
  ///
  /// - Source: Unicode Standard Annex 15, section 13.
  private static let mostMarks = 30
  /// COMBINING GRAPHEME JOINER, behind which marks are counted anew.
  private static let joiner: Unicode.Scalar = "\u{34F}"

  /// In their order. Bytes that are no UTF-8 become U+FFFD.
  ///
  /// Taken apart by bytes, and values made safe: comparing two texts sorts the marks on a letter in a time that
  /// grows with their square, so that a megabyte of them would keep a core for minutes.
  static func parts(_ text: some StringProtocol) -> [(name: String, value: String)] {
    Array(text.utf8).split(separator: UInt8(ascii: "&")).compactMap { part in
      let halves = part.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = decoded(halves[0])
      guard name.utf8.count <= longestName, name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
      return (name, halves.count > 1 ? streamSafe(decoded(halves[1])) : "")
    }
  }

  private static func streamSafe(_ text: String) -> String {
    guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
    var result = String.UnicodeScalarView()
    var marks = 0
    for scalar in text.unicodeScalars {
      marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
      if marks > mostMarks {
        result.append(joiner)
        marks = 1
      }
      result.append(scalar)
    }
    return String(result)
  }

  static func values(_ text: some StringProtocol) -> [String: String] {
    Dictionary(parts(text).map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
  }

  private static func decoded(_ text: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        let digits = rest.prefix(2)
        if digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        {
          bytes.append(value)
          rest = rest.dropFirst(2)
        } else {
          bytes.append(byte)
        }
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }
}
