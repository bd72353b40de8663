import Foundation
import TestSupport
import Testing

@testable import Releases

@Suite("Marks of exports")
struct ExportMarkTests {
  private let key = [UInt8](repeating: 7, count: 32)

  private func mark(_ export: String) -> ExportMark { ExportMark(export: export, key: key) }

  @Test func `a tag belongs to one export, one content and one secret`() {
    let mark = mark("X1")
    let tag = mark.tag("PEN", ["甲", "1.50"])
    #expect(tag.utf8.count == ExportMark.length && tag.hasPrefix("qy"))
    #expect(tag.utf8.dropFirst(2).allSatisfy(ExportMark.isLetter))
    #expect(mark.made(tag))
    #expect(mark.tag("PEN", ["甲", "1.50"]) == tag)
    #expect(mark.tag("PEN", ["甲", "1.5"]) != tag)
    #expect(mark.tag("CAS", ["甲", "1.50"]) != tag)
    // The cells are told apart.
    #expect(mark.tag("PEN", ["甲1", ".50"]) != mark.tag("PEN", ["甲", "1.50"]))
    #expect(!self.mark("X2").made(tag))
    #expect(!ExportMark(export: "X1", key: [UInt8](repeating: 8, count: 32)).made(tag))
  }

  @Test func `no other text passes for a tag`() {
    let mark = mark("X1")
    let tag = mark.tag("PEN", ["甲"])
    for place in tag.indices {
      var letters = Array(tag)
      let at = tag.distance(from: tag.startIndex, to: place)
      letters[at] = letters[at] == "0" ? "1" : "0"
      #expect(!mark.made(String(letters)), "letter \(at)")
    }
    for text in ["", "qy", tag + "0", String(tag.dropLast()), "QY" + tag.dropFirst(2)] {
      #expect(!mark.made(text))
    }
  }

  @Test func `a part in its order speaks for its export and for no other`() {
    let all = (1...400).map { ["91510104MA\($0)"] }
    let sorted = all.sorted { mark("X1").rank($0) < mark("X1").rank($1) }
    var generator = SeededGenerator(seed: 5)
    for part in [Array(sorted[100..<130]), sorted.filter { _ in generator.next() % 8 == 0 }] {
      let own = mark("X1").evidence(part)
      #expect(own.ascending == own.pairs && own.chance < -20, "\(own)")
      for other in 2...40 {
        #expect(mark("X\(other)").evidence(part).chance > -4)
      }
    }
    // Two parts of it, one behind the other.
    let joined = mark("X1").evidence(Array(sorted[200..<260] + sorted[0..<60]))
    #expect(joined.ascending == joined.pairs - 1 && joined.chance < -20)
    #expect(mark("X1").evidence(all.sorted { $0[0] < $1[0] }).chance > -4)
    #expect(mark("X1").evidence([]).pairs == 0)
    #expect(mark("X1").evidence([["a"], ["a"], ["a"]]).chance == 0)
  }

  @Test func `the chance is that of an arbitrary order`() {
    // 1 / 5! and 1 / 24!
    #expect(abs(ExportMark.chance(ascending: 4, pairs: 4) + 2.0792) < 0.001)
    #expect(abs(ExportMark.chance(ascending: 23, pairs: 23) + 23.7927) < 0.001)
    #expect(ExportMark.chance(ascending: 10, pairs: 23) == 0)
    // Counted: in how many of many arbitrary orders so many neighbours ascend.
    var generator = SeededGenerator(seed: 11)
    let (pairs, wanted, rounds) = (29, 19, 20_000)
    let count = (0..<rounds).count { _ in
      let ranks = (0...pairs).map { _ in generator.next() }
      return zip(ranks, ranks.dropFirst()).count { $0 < $1 } >= wanted
    }
    let bound = ExportMark.chance(ascending: wanted, pairs: pairs)
    #expect(Double(count) / Double(rounds) <= pow(10, bound), "\(count) of \(rounds), \(bound)")
    #expect(count > 0)
  }
}
