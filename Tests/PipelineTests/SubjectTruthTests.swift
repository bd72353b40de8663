import Catalog
import Foundation
import Generation
import Records
import TestSupport
import Testing

/// The generated city says whom its weak records mean; the warehouse has to say the same, or leave it to a
/// person.
@Suite("Subjects of a generated city")
struct SubjectTruthTests {
  private struct Truth: Decodable {
    var system: String
    var category: String
    var record_id: String
    var subject: String
    var name: String
    var weakness: String
    var number: String?
    var registered_number: Int
    var linked: Int
  }

  private struct Found {
    var link: (subject: String, rule: String)?
    var candidates: [String] = []
  }

  @Test func `links are right without exception, and candidates hold the true one`() throws {
    let home = try TestHome(TestPipeline.real)
    let day = try #require(CivilDate("2026-03-02")).dayNumber
    let request = GenerationRequest(
      records: 8000, nights: 1, seed: 17, faultRate: 0, bureau: nil, category: nil, start: day,
      weakSubjects: 75)
    let generated = try TemporaryFolder("subjects")
    let generator = try #require(Generator(request, home.pipeline.catalog))
    try generator.write(to: generated.path)
    for name in Files.below(generated + "night-1") {
      try home.folder.write("home/inbox/\(name)", try Files.bytes(generated + "night-1/\(name)"))
    }
    try home.run("2026-03-02")
    let truths = try Files.text(generated + "subjects.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Truth.self, from: Data($0.utf8))
    }
    let found = try found(home)
    let registered = Set(try home.column("SELECT uscc FROM ENT_golden"))
    var counts: [String: (seen: Int, linked: Int, proposed: Int)] = [:]
    var links = 0
    for truth in truths {
      let key = "\(truth.system)|\(truth.category)|\(truth.record_id)"
      guard let found = found[key], registered.contains(truth.subject) else { continue }
      let says = "\(key) \(truth.weakness): \(found)"
      // What the generator says is known by number and name is linked, to whom it means; nothing else is.
      #expect((truth.linked == 1) == (found.link != nil), "\(says)")
      if let link = found.link {
        #expect(link.subject == truth.subject && link.rule == "SM2", "\(says)")
        #expect(found.candidates == [])
        links += 1
      }
      // Evidence that the definition has a rule for: the number, or any likeness of the names.
      let hasNumber = truth.number != nil && truth.registered_number == 1
      if truth.linked == 0, hasNumber || truth.weakness != "renamed" {
        #expect(found.candidates.contains(truth.subject), "\(says)")
      }
      counts[truth.weakness, default: (0, 0, 0)].seen += 1
      if found.link != nil { counts[truth.weakness, default: (0, 0, 0)].linked += 1 }
      if !found.candidates.isEmpty { counts[truth.weakness, default: (0, 0, 0)].proposed += 1 }
    }
    #expect(counts.keys.sorted() == ["branch", "formed", "mistyped", "renamed", "spelled"])
    #expect(links >= 6, "\(counts)")
    #expect((counts["formed"]?.proposed ?? 0) >= 10, "\(counts)")
    // Nobody but weak penalties of the generator is linked by number and name.
    let stored = try home.column(
      "SELECT count(*) FROM subject_link WHERE rule <> 'SM1'")
    let expected = truths.count {
      $0.linked == 1 && registered.contains($0.subject)
        && found["\($0.system)|\($0.category)|\($0.record_id)"] != nil
    }
    #expect(stored == ["\(expected)"])
  }

  /// By system, category and number of the record, for what readers see.
  private func found(_ home: TestHome) throws -> [String: Found] {
    var found: [String: Found] = [:]
    let records = ["PEN", "CMP", "OPN"].map {
      "SELECT v.record, d.system || '|\($0)|' || v.source_record_id AS id FROM \($0) AS v "
        + "JOIN delivery AS d ON d.id = v.delivery"
    }.joined(separator: " UNION ALL ")
    var names: [String: String] = [:]
    for row in try home.rows(records) {
      names[row[0]] = row[1]
      found[row[1]] = Found()
    }
    for row in try home.rows("SELECT record, subject, rule FROM subject_link") {
      if let name = names[row[0]] { found[name]?.link = (row[1], row[2]) }
    }
    for row in try home.rows("SELECT record, subject FROM subject_candidate") {
      if let name = names[row[0]] { found[name]?.candidates.append(row[1]) }
    }
    return found
  }
}
