import Catalog
import Foundation
import TestSupport
import Testing

/// What the console does to those who mean it harm, over HTTP.
@Suite("Console: security", .serialized)
struct ConsoleSecurityTests {
  private static let script = "<script>alert(1)</script>"
  /// Its records change under the tests. Its second night has values, a head and names of files that would be
  /// markup.
  private static let own = Result {
    let home = try ConsoleHome(secondNight: [
      "SAM/市场主体登记_<i>20260309.csv": try hostileRecords(),
      "SAM/市场主体登记_<u>20260310.csv": Array("\(script),乙\r\n1,2\r\n".utf8),
    ])
    try home.add("victim", "steward", systems: "SAM", "public")
    try home.add("keeper", "administrator", systems: nil, "public")
    return home
  }

  /// The sample's enterprises, in which three say markup wherever they say text.
  private static func hostileRecords() throws -> [UInt8] {
    let sample = Repository.root + "/SampleData/night-1/SAM/市场主体登记_20260306.csv"
    let sheet = CSVSheet.rows(of: text(gb18030: try Files.bytes(sample)))
    let values = [
      script, "\"><img src=x onerror=alert(1)>", "</textarea></details><svg/onload=alert(1)>",
      "' autofocus onfocus='alert(1)", "&lt;b&gt;",
    ]
    let rows = sheet.dropFirst().enumerated().map { number, row in
      row.enumerated().map { column, value in
        // Keys and dates stay, so that the records are known for what they are.
        number < 3 && column > 3 && column % 2 == 1 ? values[column / 2 % values.count] : value
      }
    }
    return CSVSheet(sheet[0], Array(rows)).gb18030
  }

  private let fixture: ConsoleHome
  private let console: RunningConsole

  init() throws {
    fixture = try Self.own.get()
    console = try RunningConsole(fixture.home)
  }

  private func row(_ condition: String) throws -> Int {
    try #require(try fixture.returned(condition).first?["record"] as? Int, "\(condition)")
  }

  private func held() throws -> Int {
    let deliveries = try fixture.home.query(
      "SELECT delivery FROM delivery_ledger WHERE status = 'held' AND file_name LIKE '%<u>%'")
    return try #require(deliveries.first?["delivery"] as? Int)
  }

  /// Every address that takes a form, with somebody who may send it.
  private func forms() throws -> [(user: String, path: String, values: [String: String])] {
    let row = try row("system = 'SAM' AND category = 'INS'")
    let held = try held()
    return [
      ("sam", "/record/\(row)/act", ["kind": "comment", "words": "看一下"]),
      (
        "sam", "/queue/act",
        ["kind": "comment", "words": "看", "expected": "1", "filter.system": "SAM"]
      ),
      (
        "sam", "/codes/new",
        [
          "meaning": "synonym", "element": "registration_status_code", "spelling": "暂停营业",
          "of": "7", "words": "来函",
        ]
      ),
      (
        "sam", "/record/\(row)/override",
        ["entity": "ENT", "element": "subject_name", "value": "x", "words": "来函"]
      ),
      ("sam", "/act/1/undo", [:]),
      ("sam", "/delivery/\(held)/release", ["words": "好"]),
      ("sam", "/delivery/\(held)/reject", ["words": "不好"]),
      ("sam", "/delivery/\(held)/hold", ["words": "再看"]),
      (
        "sam", "/deliveries/decide",
        ["decision": "release", "delivery.\(held)": "1", "words": "好", "confirmed": "1"]
      ),
      ("sam", "/incidents/1", ["act": "acknowledge"]),
      ("sam", "/sign-out", [:]),
      ("boss", "/act/1/approve", ["words": "同意"]),
      ("boss", "/act/1/refuse", ["words": "不同意"]),
      ("boss", "/approvals/share-R000001", ["act": "approve"]),
      ("auditor", "/audit/verify", [:]),
      ("keeper", "/users", ["user": "victim", "act": "unlock"]),
    ]
  }

  // MARK: Markup

  @Test func `what was delivered or typed is text on every page`() throws {
    let rows = try fixture.home.query(
      """
      SELECT q.record FROM returned_record AS q JOIN delivery_ledger AS d
      ON d.delivery = q.record >> 32 WHERE d.file_name LIKE '%<i>%' ORDER BY 1
      """
    ).compactMap { $0["record"] as? Int }
    try #require(rows.count >= 3)
    let chief = try console.signIn("chief")
    let words = "</textarea>\(Self.script)"
    for (kind, more) in [
      ("comment", [:]), ("assign", ["assignee": "sam"]), ("waive", ["until": Self.inAMonth]),
    ] as [(String, [String: String])] {
      let form = more.merging(["kind": kind, "words": words]) { own, _ in own }
      #expect(try chief.send("/record/\(rows[0])/act", form).status == 303, "\(kind)")
    }
    let acts = try chief.page("/acts").matches(of: /\/act\/([0-9]+)"/).map { String($0.1) }
    try #require(!acts.isEmpty)
    let incidents = try chief.page("/incidents?system=SAM").matches(of: /"(\/incidents\/[0-9]+)"/)
      .map { String($0.1) }
    let incident = try #require(incidents.first)
    #expect(try chief.send(incident, ["act": "resolve", "text": words]).status == 303)

    let records = rows.prefix(4).map { "/record/\($0)" }
    var pages = [
      "/night", "/queue", "/queue?view=records&system=SAM", "/queue?held=1", "/acts", "/incidents",
      "/incidents?show=closed", "/queue/act?system=SAM", "/rules", incident,
      "/queue?q=\(Form.encoded(words))&system=\(Form.encoded("\"><b>"))", "/nowhere?a=<b>",
      "/deliveries?night=\(Form.encoded(words))", "/deliveries?system=SAM&night=2026-03-07",
      "/deliveries/\(rows[0] >> 32)?show=returned", "/records?conflict=\(Form.encoded(words))",
      "/records?notes=1&night=2026-03-06",
    ]
    pages += records + acts.map { "/act/\($0)" }
    var found = ""
    for path in pages + pages.map({ $0 + ($0.contains("?") ? "&" : "?") + "lang=en" }) {
      found += try check(chief, path)
    }
    let boss = try console.signIn("boss")
    for path in ["/acts", "/approvals"] { found += try check(boss, path) }
    let auditor = try console.signIn("auditor")
    for path in ["/audit", "/audit?user=\(Form.encoded(Self.script))"] {
      found += try check(auditor, path)
    }
    found += try check(try console.signIn("keeper"), "/users")
    let held = try held()
    for decision in ["release", "reject"] {
      let form = ["decision": decision, "delivery.\(held)": "1", "words": words]
      let reply = try chief.send("/deliveries/decide", form)
      #expect(reply.status == 200 && ConsoleMarkup.problems(reply.body).isEmpty)
    }
    for (name, value) in [("element", Self.script), ("value", words)] {
      let form = [
        "kind": "correct", "preview": "1", "filter.system": "SAM", "filter.category": "ENT",
        "element": "subject_name", "value": "x", "words": words,
      ].merging([name: value]) { _, new in new }
      let reply = try chief.send("/queue/act", form)
      #expect(reply.status == 200 && ConsoleMarkup.problems(reply.body).isEmpty)
      found += reply.body
    }
    // What is refused comes back to be typed again.
    let wrong = try chief.send(
      "/record/\(rows[1])/act", ["kind": "waive", "words": words, "until": Self.script])
    #expect(wrong.status == 422 && ConsoleMarkup.problems(wrong.body).isEmpty)
    // It was there to be found.
    for text in ["&lt;script>", "&lt;img src=x", "&lt;/textarea>", "&lt;i>2026", "&lt;u>2026"] {
      let escaped = text.replacing(">", with: "&gt;")
      #expect(found.contains(escaped) || found.contains(text), "\(text)")
    }
  }

  private static let inAMonth = String(
    ISO8601DateFormatter().string(from: Date() + 30 * 86_400).prefix(10))

  private func check(_ visitor: Visitor, _ path: String) throws -> String {
    let reply = try visitor.get(path)
    #expect(reply.status == 200 || reply.status == 404, "\(path): \(reply.status)")
    let problems = ConsoleMarkup.problems(reply.body)
    #expect(problems.isEmpty, "\(path): \(problems.prefix(5))")
    return reply.body
  }

  // MARK: Forms of others

  @Test func `no form is taken without its session's token, nor from another site`() throws {
    var visitors: [String: Visitor] = [:]
    for user in ["sam", "boss", "auditor", "chief", "keeper"] {
      visitors[user] = try console.signIn(user)
    }
    let foreign = try #require(visitors["chief"]).formToken()
    let before = try fixture.home.run("review acts", "--department", "市场监管局", "--json").outputText
    for (user, path, values) in try forms() {
      let visitor = try #require(visitors[user])
      let own = try visitor.formToken()
      for token in [nil, "", "0", foreign, own.uppercased() + "0", String(own.dropLast())] {
        let form = token.map { values.merging(["form": $0]) { _, new in new } } ?? values
        #expect(try visitor.post(path, form).status == 403, "\(path) with \(token ?? "nothing")")
      }
      for site in ["cross-site", "same-site", "nonsense"] {
        let form = values.merging(["form": own]) { _, new in new }
        let reply = try visitor.post(path, form, headers: ["Sec-Fetch-Site": site])
        #expect(reply.status == 403 && reply.headers["set-cookie"] == nil, "\(path) from \(site)")
      }
      // A token in the address is none, and looking at a form's address does nothing.
      #expect(try visitor.post("\(path)?form=\(own)", values).status == 403, "\(path)")
      let looked = try visitor.get("\(path)?form=\(own)&act=acknowledge&kind=comment&words=x")
      #expect(looked.status == 200 || looked.status == 404, "\(path): \(looked.status)")
      #expect(try console.client.post(path, Form.text(values)).status == 303, "\(path)")
    }
    let signIn = Form.text(["user": "sam", "password": ConsoleHome.password])
    let reply = try console.client.post(
      "/sign-in", signIn, headers: ["Sec-Fetch-Site": "cross-site"])
    #expect(reply.status == 403 && reply.headers["set-cookie"] == nil)
    #expect(
      try fixture.home.run("review acts", "--department", "市场监管局", "--json").outputText == before)
    _ = try held()
    for visitor in visitors.values { #expect(try visitor.get("/night").status == 200) }
  }

  // MARK: Signing in

  @Test func `guessing a password locks the account and no other`() throws {
    for (number, name) in ["victim", "Victim", "VICTIM", "vIctim", "victiM"].enumerated() {
      let reply = try console.client.post(
        "/sign-in", Form.text(["user": name, "password": "guess number \(number)"]),
        headers: ["X-Forwarded-For": "10.0.0.\(number)"])
      #expect(reply.status == 401 && reply.headers["set-cookie"] == nil)
    }
    let right = try console.client.post(
      "/sign-in", Form.text(["user": "victim", "password": ConsoleHome.password]))
    #expect(right.status == 401 && right.headers["set-cookie"] == nil)
    // Nobody can tell from the answer whether there is such an account.
    let nobody = try console.client.post(
      "/sign-in", Form.text(["user": "nobody", "password": ConsoleHome.password]))
    #expect(nobody.status == 401 && nobody.body == right.body)
    #expect(try console.signIn("open").get("/night").status == 200)
    let denied = try fixture.log().filter {
      $0["action"] as? String == "console-sign-in" && $0["user"] as? String == "victim"
    }
    #expect(denied.count == 6 && denied.allSatisfy { $0["outcome"] as? String == "denied" })
    #expect(denied.last?["rule"] as? String == "locked")
  }

  @Test func `every signing in is a session of its own, and an ended one is worth nothing`() throws
  {
    let first = try console.signIn("open")
    let second = try console.signIn("open")
    #expect(first.cookie != second.cookie)
    #expect(try first.formToken() != second.formToken())
    #expect(try first.send("/sign-out", [:]).status == 303)
    #expect(try first.get("/night").status == 303)
    #expect(try second.get("/night").status == 200)
    for cookie in ["", "qingyuan=", "qingyuan=\(String(repeating: "0", count: 64))", "qingyuan='"] {
      #expect(
        try console.client.get("/night", headers: ["Cookie": cookie]).status == 303, "\(cookie)")
    }
  }

  // MARK: Requests that are none

  @Test func `no path leads out of the console`() throws {
    let chief = try console.signIn("chief")
    for path in [
      "/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
      "/console.css/../../../etc/passwd", "/console.css%00", "/console.css/x", "//etc/passwd",
      "/record/../../etc/passwd", "/record/1%2f..%2f..", "/rules/../../README.md",
      "/rules/..%2f..%2fcatalog", "/rules/..", "/rules/%00", "/incidents/..%2f1", "/approvals/..",
      "/approvals/share-..%2f..", "/act/..%2f1", "/warehouse/warehouse.sqlite", "/inbox/",
      "/access/accounts.sqlite", "/archive/", "/.git/config", "/%c0%ae%c0%ae/", "/\\..\\..\\etc",
      "file:///etc/passwd", "*",
    ] {
      let bytes = Array(
        """
        GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: \(chief.cookie)\r\n\r\n
        """.utf8)
      let reply = String(decoding: try chief.client.exchange(bytes), as: UTF8.self)
      let status = reply.firstMatch(of: /^HTTP\/1\.1 ([0-9]{3})/).flatMap { Int($0.1) }
      #expect(status.map { [303, 400, 404].contains($0) } ?? false, "\(path): \(status ?? 0)")
      #expect(!reply.contains("root:") && !reply.contains("SQLite format"), "\(path)")
    }
  }

  @Test func `what is too long is refused at every address, and the next request is answered`()
    throws
  {
    let long = String(repeating: "a", count: 1_200_000)
    for (user, path, values) in try forms() {
      let visitor = try console.signIn(user)
      let form = values.merging(["form": try visitor.formToken(), "more": long]) { own, _ in own }
      #expect(try visitor.post(path, form).status == 413, "\(path)")
    }
    #expect(try console.client.post("/sign-in", "user=\(long)").status == 413)
    let chief = try console.signIn("chief")
    #expect(try chief.get("/queue?q=\(long.prefix(9000))").status == 414)
    let half = long.prefix(600_000)
    let chunk = "\(String(half.utf8.count, radix: 16))\r\n\(half)\r\n"
    for bytes in [
      "POST /sign-in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)0\r\n\r\n",
      "GET /sign-in HTTP/1.1\r\nHost: a\r\nX-Long: \(long)\r\n\r\n",
      "GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "BREW /sign-in HTTP/1.1\r\nHost: a\r\n\r\n", "\0\u{1}\u{2} nonsense\r\n\r\n",
      "GET /sign-in HTTP/9.9\r\n\r\n",
    ] {
      let reply = String(decoding: try console.client.exchange(Array(bytes.utf8)), as: UTF8.self)
      #expect(
        reply.isEmpty || reply.hasPrefix("HTTP/1.1 4"), "\(bytes.prefix(40)): \(reply.prefix(40))")
      #expect(try console.client.get("/sign-in").status == 200)
    }
  }

  @Test func `clients that never finish keep nobody waiting and are sent away`() throws {
    let chief = try console.signIn("chief")
    let beginnings = [
      "", "GET /night HTTP/1.1\r\nHost: a\r\nX-Slow: ",
      "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nuser=",
    ]
    let slow = try (0..<240).map { number in
      let connection = try WebConnection(port: console.client.port)
      connection.send(Array(beginnings[number % beginnings.count].utf8))
      return connection
    }
    let start = ContinuousClock.now
    for path in ["/night", "/queue", "/rules"] { #expect(try chief.get(path).status == 200) }
    #expect(ContinuousClock.now - start < .seconds(20))
    for (number, connection) in slow.enumerated() {
      var piece = connection.receive()
      // Some are told why.
      while let bytes = piece, !bytes.isEmpty { piece = connection.receive() }
      #expect(piece != nil, "\(beginnings[number % beginnings.count].prefix(10)) is still open")
      guard piece != nil else { break }
    }
    #expect(try chief.get("/night").status == 200)
  }

  @Test func `a form that comes drop by drop is given up and its connection closed`() throws {
    let start = ContinuousClock.now
    let head = "POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    let connection = try WebConnection(port: console.client.port, patience: 1)
    connection.send(Array(head.utf8))
    var answer: [UInt8] = []
    var isClosed = false
    while !isClosed, ContinuousClock.now - start < .seconds(90) {
      connection.send(Array("a".utf8))
      guard let piece = connection.receive() else { continue }
      isClosed = piece.isEmpty
      answer += piece
    }
    #expect(isClosed)
    #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    #expect(try console.client.get("/sign-in").status == 200)
  }

  @Test func `beyond the limit connections wait, and are served when others are closed`() throws {
    var many = try (0..<700).map { _ in try WebConnection(port: console.client.port) }
    // Some connections wait in the queue of the system now; so does this one.
    let late = try WebConnection(port: console.client.port, patience: 2)
    late.send(Array("GET /sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
    // The optimizer may close what nobody uses any more.
    withExtendedLifetime(many) { #expect(late.receive() == nil) }
    many.removeAll()
    #expect(try console.client.get("/sign-in").status == 200)
    let answer = String(decoding: late.receive() ?? [], as: UTF8.self)
    #expect(answer.hasPrefix("HTTP/1.1 200 "))
  }

  @Test func `who does not take the answers gives the place to others`() throws {
    let asked = Array(
      String(repeating: "GET /console.css HTTP/1.1\r\nHost: a\r\n\r\n", count: 100).utf8)
    let deaf = try (0..<600).map { _ in
      let connection = try WebConnection(port: console.client.port, room: 4096)
      connection.send(asked)
      return connection
    }
    let late = try WebConnection(port: console.client.port, patience: 120)
    late.send(Array("GET /sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
    withExtendedLifetime(deaf) {
      let answer = String(decoding: late.receive() ?? [], as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(40))")
    }
  }

  // MARK: Statements in parameters

  @Test func `no parameter of any page is a statement`() throws {
    let users: [(user: String, paths: [String], names: [String])] = [
      (
        "chief", ["/queue", "/queue?view=records", "/queue/act"],
        [
          "q", "status", "system", "category", "code", "rule", "element", "severity", "age",
          "attempt", "after", "page", "sort",
        ]
      ),
      ("chief", ["/incidents", "/rules"], ["show", "system", "page", "kind", "category", "q"]),
      (
        "chief", ["/deliveries", "/deliveries/1", "/records?notes=1", "/records?conflict=AR01"],
        ["night", "from", "to", "system", "category", "show", "after", "page", "conflict"]
      ),
      (
        "auditor", ["/audit"],
        ["from", "to", "user", "outcome", "category", "key", "reference", "before"]
      ),
    ]
    let texts = [
      "' OR '1'='1", "1; DROP TABLE act; --", "\") UNION SELECT user, password FROM account --",
      "1 OR 1=1", "%' --", "\0'",
    ]
    let before = try fixture.home.query("SELECT count(*) AS n FROM returned_record")
    for (user, paths, names) in users {
      let visitor = try console.signIn(user)
      for path in paths {
        for name in names {
          for text in texts {
            let separator = path.contains("?") ? "&" : "?"
            let reply = try visitor.get("\(path)\(separator)\(name)=\(Form.encoded(text))")
            #expect(reply.status == 200, "\(path) \(name)=\(text): \(reply.status)")
            #expect(!reply.body.contains("salt"))
          }
        }
      }
    }
    for (user, path, values) in try forms() where path != "/sign-out" && path != "/audit/verify" {
      let visitor = try console.signIn(user)
      for name in Array(values.keys) + ["assignee", "until", "element", "value", "filter.q"] {
        let reply = try visitor.send(path, values.merging([name: texts[2]]) { _, new in new })
        #expect(reply.status < 500, "\(path) \(name): \(reply.status)")
      }
    }
    #expect(
      "\(try fixture.home.query("SELECT count(*) AS n FROM returned_record"))" == "\(before)")
    #expect(try fixture.home.run("audit verify").code == 0)
    #expect(!console.errors.contains("error"), "\(console.errors)")
  }

  @Test func `a letter with a hundred thousand marks keeps nobody waiting`() throws {
    // Comparing them would sort them, each with each.
    let marks =
      "a" + String(repeating: "\u{301}", count: 60_000)
      + String(repeating: "\u{316}", count: 60_000)
    let chief = try console.signIn("chief")
    let form = "application/x-www-form-urlencoded"
    for body in ["\(marks)=1&user=a", "user=\(marks)&password=\(marks)", "act=\(marks)"] {
      for path in ["/sign-in", "/record/1/act", "/queue/act"] {
        let reply = try console.client.post(
          path, body, headers: ["Cookie": chief.cookie, "Content-Type": form])
        #expect(reply.status < 500, "\(path)")
      }
    }
    for path in ["/queue?q=", "/rules?q=", "/deliveries?night=", "/audit?user="] {
      let long = String(marks.unicodeScalars.prefix(1200))
      #expect(try chief.get(path + Form.encoded(long)).status < 500, "\(path)")
    }
    #expect(try chief.get("/night").status == 200)
  }

  // MARK: Numbers in parameters

  @Test func `numbers at the end of what a number can be are answered`() throws {
    let visitor = try console.signIn("chief")
    let extremes = [Int64.max, .max - 1, .min, .min + 1, -1, 0].map { "\($0)" }
    var paths = [
      "/queue?page=", "/queue?view=records&after=", "/queue?view=records&sort=newest&after=",
      "/queue?q=a&view=records&after=", "/queue?q=a&view=records&sort=newest&after=",
      "/queue?view=records&page=", "/incidents?page=", "/deliveries?page=",
      "/records?notes=1&after=", "/records?conflict=AR01&after=",
    ]
    // Some terms are looked up in the warehouse, others read from the archive.
    for term in ["accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted"] {
      for entry in try fixture.home.query(
        "SELECT delivery FROM delivery_ledger WHERE \(term) > 0 LIMIT 2")
      {
        let delivery = try #require(entry["delivery"] as? Int)
        paths.append("/deliveries/\(delivery)?show=\(term)&after=")
      }
    }
    try #require(paths.count > 20)
    for path in paths {
      for number in extremes {
        let reply = try visitor.get(path + number)
        #expect(reply.status == 200, "\(path)\(number)")
      }
    }
    for path in [
      "/record/", "/act/", "/deliveries/", "/incidents/", "/shadow/", "/codes/new?row=",
    ] {
      for number in extremes {
        let reply = try visitor.get(path + number)
        #expect(reply.status == 404, "\(path)\(number)")
      }
    }
    #expect(try console.client.get("/sign-in").status == 200)
  }

  // MARK: All routes at once

  @Test func `requests that make no sense are answered without failing and without telling`() throws
  {
    let rows = try ["SAM", "MEM"].flatMap { system in
      try fixture.returned("system = '\(system)'").prefix(4).compactMap { $0["record"] as? Int }
    }
    let own = try fixture.returned("system = 'SAM'").prefix(4).compactMap { $0["record"] as? Int }
    func secrets(above clearance: SharingTier) throws -> [String] {
      // Short values are said by others too.
      try own.flatMap { try fixture.values(above: clearance, row: $0) }.filter { $0.count >= 10 }
    }
    let hidden: [(user: String?, secrets: [String])] = [
      (nil, try secrets(above: .public)), ("auditor", try secrets(above: .public)),
      ("open", try secrets(above: .public)), ("sam", try secrets(above: .shared)),
      ("keeper", try secrets(above: .public)), ("mem", []), ("boss", []), ("chief", []),
    ]
    try #require(hidden.prefix(3).allSatisfy { !$0.secrets.isEmpty })
    let end = ContinuousClock.now + .seconds(15)
    var asked = 0
    let visitors = try hidden.map { person in
      try person.user.map { user in
        let visitor = try console.signIn(user)
        return (visitor, try visitor.formToken())
      }
    }
    var seed: UInt64 = 0
    while ContinuousClock.now < end {
      for (number, person) in hidden.enumerated() {
        seed += 1
        var fuzz = RouteFuzz(seed: seed, rows: rows)
        for _ in 0..<5 {
          let ask = fuzz.next()
          asked += 1
          let whose = "seed \(seed), \(person.user ?? "nobody"): \(ask)"
          let reply: WebReply
          do {
            reply = try console.client.send(
              ask.method, ask.target, visitors[number].map { ["Cookie": $0.0.cookie] } ?? [:],
              ask.body(token: visitors[number]?.1 ?? ""))
          } catch {
            Issue.record("\(whose): \(error); \(console.errors)")
            return
          }
          let what = "\(whose), \(reply.status)"
          #expect(reply.status < 500, "\(what)")
          #expect(!reply.body.contains("<script"), "\(what)")
          #expect(!person.secrets.contains(where: reply.body.contains), "\(what)")
        }
      }
    }
    #expect(asked > 50)
    #expect(!console.errors.contains("error"), "\(console.errors)")
    #expect(try fixture.home.run("audit verify").code == 0)
  }
}
