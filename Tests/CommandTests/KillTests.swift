import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import WarehouseSQLite

/// Nights whose runs are killed at random moments and started again must end as undisturbed ones.
///
/// `Scripts/torture` runs the same with more kills and the release program: `TORTURE_KILLS`,
/// `TORTURE_SEED` and `QINGYUAN` in the environment.
@Suite("Killed and started again", .serialized)
struct KillTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed = environment["TORTURE_SEED"].flatMap { UInt64($0) } ?? 60
  private static let kills = environment["TORTURE_KILLS"].flatMap { Int($0) }

  @Test func `nights of another organisation`() throws {
    let folder = try TemporaryFolder("museum")
    let pipeline = try TestPipeline(TestPipeline.makeMuseum(in: folder))
    let nights = try TortureNights.library(pipeline)
    try torture(nights, kills: (Self.kills ?? 60) * 3 / 4, seed: Self.seed)
  }

  @Test func `nights of market supervision`() throws {
    let nights = try TortureNights.penalties(TestPipeline.real.get())
    try torture(nights, kills: (Self.kills ?? 60) / 4, seed: Self.seed + 1)
  }

  private func torture(_ nights: TortureNights, kills: Int, seed: UInt64) throws {
    print("seed \(seed), \(kills) kills")
    let expected = try Undisturbed(nights)
    var generator = SeededGenerator(seed: seed)
    var done = 0
    var attempts = 0
    while done < kills {
      let home = try CommandHome(nights.pipelines)
      let watch = NightWatch(home, nights, expected.pictures)
      for night in nights.nights {
        try nights.deliver(night, to: home)
        // Four times is enough for one night; it has to end some time.
        for attempt in 0... {
          attempts += 1
          let program = try home.start("run", "--no-wait", "--night", night.date)
          if attempt < 4, done < kills {
            let longest = expected.microseconds[night.date] ?? 0
            usleep(useconds_t(Int.random(in: 0...longest, using: &generator)))
            program.kill()
          }
          let result = try program.wait()
          if result.code == -SIGKILL {
            done += 1
            continue
          }
          let message = "seed \(seed), kill \(done): \(result.code) \(result.errorText)"
          #expect(result.code <= 1, "\(message)")
          guard result.code > 1 else { break }
          return
        }
      }
      watch.end()
      #expect(watch.problems == [], "seed \(seed), kill \(done)")
      #expect(try home.run("verify").code == 0, "seed \(seed), kill \(done)")
      let difference = firstDifference(expected.dump, try home.dump())
      #expect(difference == nil, "seed \(seed), kill \(done)")
      #expect(try home.returns() == expected.returns, "seed \(seed), kill \(done)")
      #expect(Files.below(home.path + "/inbox") == [], "seed \(seed), kill \(done)")
      #expect(Files.below(home.path + "/work") == [], "seed \(seed), kill \(done)")
      print("\(done) kills in \(attempts) runs, \(watch.count) looks of a reader")
    }
  }

  private func firstDifference(_ expected: [UInt8], _ found: [UInt8]) -> String? {
    guard expected != found else { return nil }
    let left = String(decoding: expected, as: UTF8.self).split(separator: "\n")
    let right = String(decoding: found, as: UTF8.self).split(separator: "\n")
    let missing = Set(left).subtracting(right).sorted().prefix(3)
    let added = Set(right).subtracting(left).sorted().prefix(3)
    return "\(left.count) lines, \(right.count) found; missing \(missing), added \(added)"
  }
}

/// What a reader can see of a warehouse at once: the night that is shown and counts of what it holds.
private struct Picture: Hashable, Sendable {
  var night: String
  var counts: [String]
}

/// Two or three small nights, ready to be delivered.
private struct TortureNights: Sendable {
  struct Night: Sendable {
    var date: String
    var files: [(system: String, name: String, bytes: [UInt8])]
  }

  var pipelines: String
  var nights: [Night]
  /// Numbers that tell half a night from a whole one.
  var numbers: [String]

  func deliver(_ night: Night, to home: CommandHome) throws {
    for file in night.files { try home.deliver(file.name, file.bytes, system: file.system) }
  }

  func picture(_ home: CommandHome) throws -> Picture? {
    let reader = try WarehouseReader(folder: home.path + "/warehouse")
    let list = numbers.map { "(\($0))" }.joined(separator: ", ")
    var picture: Picture?
    try reader.rows(
      """
      SELECT (SELECT n.night FROM publication_night AS n JOIN publication AS p
        ON n.publication = p.number), \(list)
      """
    ) { _ in
    } onRow: { row in
      guard case .text(let night) = row[0] else { return }
      picture = Picture(night: night, counts: row.dropFirst().map { "\($0)" })
    }
    return picture
  }

  /// Full and incremental deliveries, versions, deletions, returns, corrections, a held file.
  static func library(_ pipeline: TestPipeline) throws -> Self {
    func readers(_ numbers: some Sequence<Int>, _ more: Values = [:]) -> [Values] {
      numbers.map { number in
        [
          "entry_no": "R-\(number)", "card_no": "\(10_000_000 + number)",
          "reader_name": "Reader \(number)",
        ].merging(more) { $1 }
      }
    }
    func loans(_ numbers: some Sequence<Int>, _ more: Values = [:]) -> [Values] {
      numbers.map { number in
        ["entry_no": "L-\(number)", "loan_no": "LN\(number)", "card_no": "\(10_000_000 + number)"]
          .merging(more) { $1 }
      }
    }
    func file(_ name: String, _ category: String, _ records: [Values]) throws
      -> (system: String, name: String, bytes: [UInt8])
    {
      ("LIB", name, try pipeline.sheet(category, records, system: "LIB").utf8)
    }
    func visits(_ name: String, _ numbers: Range<Int>) -> (
      system: String, name: String, bytes: [UInt8]
    ) {
      let rows = numbers.map { "E\($0)\tV\($0)\t2026-03-01 10:00:00\t2026-03-01 18:00:00\r\n" }
      return (
        "MUS", name,
        gb18030("条目\t编号\t入馆\t变更\r\nentry\tnumber\tentered\tchanged\r\n" + rows.joined())
      )
    }
    let late: Values = ["changed_at": "20260302T080000"]
    let wrong: Values = ["due_on": "20260101"]
    return Self(
      pipelines: pipeline.path,
      nights: [
        Night(
          date: "2026-03-02",
          files: [
            try file("reader_1.csv", "READER", readers(1...400)),
            try file("loan_1.csv", "LOAN", loans(1...300) + loans(301...340, wrong)),
            visits("visit_20260302.tsv", 0..<200),
          ]),
        Night(
          date: "2026-03-03",
          files: [
            try file(
              "reader_2.csv", "READER",
              readers(1...200) + readers(201...350, late.merging(["reader_name": "New"]) { $1 })),
            try file(
              "loan_2.csv", "LOAN",
              loans(301...330) + loans(331...340, wrong)
                + loans(1...50, late.merging(["action_code": "D"]) { $1 })
                + loans(51...120, late.merging(["due_on": "20260220"]) { $1 })),
            ("LIB", "loan_3.csv", Array("No;Changed\n1;2\n".utf8)),
            visits("visit_20260303.tsv", 100..<300),
          ]),
        Night(
          date: "2026-03-04",
          files: [
            try file("loan_4.csv", "LOAN", loans(341...600) + loans(331...340)),
            try file("loan_full_5.csv", "LOAN", loans(100...600)),
          ]),
      ],
      numbers: [
        "SELECT count(*) FROM READER", "SELECT count(*) FROM LOAN", "SELECT count(*) FROM VISIT",
        "SELECT count(*) FROM returned_record", "SELECT count(*) FROM finding_current",
        "SELECT count(*) FROM pending_record", "SELECT count(*) FROM LOAN_history",
        "SELECT count(*) FROM delivery_ledger WHERE read > 0",
      ])
  }

  static func penalties(_ pipeline: TestPipeline) throws -> Self {
    func file(_ name: String, _ records: [Values], _ category: String = "PEN") throws
      -> (system: String, name: String, bytes: [UInt8])
    { ("SAM", name, try pipeline.sheet(category, records).gb18030) }
    func cases(_ numbers: ClosedRange<Int>) -> [Values] {
      numbers.map { ["source_record_id": "C-\($0)", "case_no": "QY-CAS-\($0)"] }
    }
    let second: Values = [
      "source_record_id": "SAM-AGO-0002", "officer_name": "乙二", "officer_cert_no": "51010400102",
      "officer_id_no": "510104190001040049",
    ]
    return Self(
      pipelines: pipeline.path,
      nights: [
        Night(
          date: "2026-06-02",
          files: [
            try file(
              "行政处罚_1.csv",
              (1...150).map { penalty($0) } + (151...160).map { penalty($0, unknownPenaltyType) }),
            try file("执法人员_1.csv", [[:], second], "AGO"),
            // Fifty penalties wait for their cases.
            try file("案件办理_1.csv", cases(1...100), "CAS"),
            ("SAM", "投诉举报_1.csv", try pipeline.sheet("CMP", [[:]]).gb18030),
          ]),
        Night(
          date: "2026-06-03",
          files: [
            try file(
              "行政处罚_全量_2.csv",
              (40...150).map { penalty($0, updated: $0 % 3 == 0 ? 2 : 1) }
                + (151...158).map { penalty($0) } + [penalty(159, missingAgency)]),
            try file("案件办理_2.csv", cases(101...155), "CAS"),
          ]),
        // What still waits is due.
        Night(
          date: "2026-06-30",
          files: [try file("案件办理_3.csv", cases(156...156), "CAS")]),
      ],
      numbers: [
        "SELECT count(*) FROM PEN", "SELECT count(*) FROM CMP",
        "SELECT count(*) FROM returned_record", "SELECT count(*) FROM PEN_history",
        "SELECT count(*) FROM PEN_each_officer_cert_no", "SELECT count(*) FROM pending_record",
        "SELECT count(*) FROM finding_current",
      ])
  }
}

/// The same nights without a disturbance.
private struct Undisturbed {
  var dump: [UInt8]
  var returns: [String: [UInt8]]
  /// What a reader sees after each night.
  var pictures: Set<Picture> = []
  /// Duration of each night's run.
  var microseconds: [String: Int] = [:]

  init(_ nights: TortureNights) throws {
    let home = try CommandHome(nights.pipelines)
    for night in nights.nights {
      try nights.deliver(night, to: home)
      let clock = ContinuousClock()
      var code: Int32 = 0
      let duration = try clock.measure { code = try home.night(night.date).code }
      try #require(code <= 1)
      microseconds[night.date] = Int(duration / .microseconds(1))
      pictures.insert(try #require(try nights.picture(home)))
    }
    dump = try home.dump()
    returns = try home.returns()
    try #require(!returns.isEmpty)
  }
}

/// A reader that looks at the warehouse all the time, from a thread of its own.
private final class NightWatch: Sendable {
  private struct State {
    var count = 0
    var problems: [String] = []
    var hasSeenNight = false
    var isOver = false
    var hasEnded = false
  }

  private let state = Mutex(State())

  init(_ home: CommandHome, _ nights: TortureNights, _ expected: Set<Picture>) {
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isOver }) {
        look(home, nights, expected)
        usleep(2000)
      }
      state.withLock { $0.hasEnded = true }
    }
  }

  var count: Int { state.withLock { $0.count } }
  /// Pictures that are no whole night, and readings that failed once there was a night to read.
  var problems: [String] { state.withLock { $0.problems } }

  func end() {
    state.withLock { $0.isOver = true }
    while !state.withLock({ $0.hasEnded }) { usleep(500) }
  }

  private func look(_ home: CommandHome, _ nights: TortureNights, _ expected: Set<Picture>) {
    do {
      guard let picture = try nights.picture(home) else { return }
      state.withLock { state in
        state.count += 1
        state.hasSeenNight = true
        if !expected.contains(picture) { state.problems.append("half a night: \(picture)") }
      }
    } catch {
      // Before the first night there may be no file, or no views in it.
      state.withLock { state in
        if state.hasSeenNight { state.problems.append("\(error)") }
      }
    }
  }
}
