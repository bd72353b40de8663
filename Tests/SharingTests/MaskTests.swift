import Records
import SharingWitness
import TestSupport
import Testing

@testable import Catalog
@testable import Sharing

@Suite struct MaskTests {
  private static func compiled(_ id: String, secret: [UInt8] = SharingFixture.secret) throws
    -> CompiledMask
  {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    return try CompiledMask(
      try #require(policy.mask(id)), policy: policy, counties: CountyTree(catalog.divisions),
      secret: secret)
  }

  private static func masked(
    _ id: String, _ value: String, isMultiValued: Bool = false, secret: [UInt8]? = nil
  ) throws -> String? {
    // The value stands between others, as in the arena of a chunk.
    let text = Array("前\(value)后".utf8)
    let ref = TextRef(offset: 3, length: value.utf8.count)
    let day = CivilDate(value)?.dayNumber
    var arena = Array("有".utf8)
    let mask = try compiled(id, secret: secret ?? SharingFixture.secret)
    let result = mask.write(
      ref, in: text, day: day, isMultiValued: isMultiValued, into: &arena)
    return result.isAbsent ? nil : arena.string(result)
  }

  @Test(arguments: [
    ("name", "张三", "张**"), ("name", "张三丰", "张**"), ("name", "欧阳修", "欧阳**"),
    ("name", "司马相如", "司马**"), ("name", "欧阳", "欧**"), ("name", "张", "**"),
    ("name", "阿依古丽·买买提", "阿**"), ("name", "John Smith", "J**"), ("name", "𠮷田", "𠮷**"),
    ("name", "清源市福满楼示例餐饮有限公司", "清**"), ("name", "", "**"),
    ("identity", "110101190001011234", "110***********1234"),
    ("identity", "11010119000101123X", "110***********123X"),
    ("identity", "110101000101123", "110********1123"),
    ("identity", "E12345678", "*********"), ("identity", "H1234567890", "***********"),
    ("identity", "12345678901234", "**************"), ("identity", "8", "*"),
    ("identity", "１１０１０１１９０００１０１１２３４", "１１０***********１２３４"),
    ("phone", "13800000001", "138****0001"), ("phone", "028-80000009", "028*****0009"),
    ("phone", "80000009", "********"), ("phone", "110", "***"),
    ("account", "6222020000000000012", "***************0012"), ("account", "12345678", "********"),
    ("county", "四川省成都市锦江区示例路1号", "四川省成都市锦江区"),
    ("county", "四川省成都市示例小区3栋", "四川省成都市"),
    ("county", "锦江区示例路1号", "锦江区"), ("county", "北京市朝阳区示例路", "北京市朝阳区"),
    ("county", "四川省示例县城示例路", "四川省"),
    ("year", "2026-03-15", "2026"), ("year", "0999-01-01", "0999"),
  ])
  func `a mask shows what it may`(id: String, value: String, expected: String) throws {
    #expect(try Self.masked(id, value) == expected)
  }

  /// Nothing is left, which is not the same as an empty text.
  @Test(arguments: [
    ("county", "清源市示例路1号"), ("county", "示例小区3栋"), ("county", "四川省成都市锦江区"),
    ("county", ""), ("year", "明年"), ("blank", "机密"), ("name", "*"), ("identity", "***"),
    ("name", "张**"),
  ])
  func `what would say too much says nothing`(id: String, value: String) throws {
    #expect(try Self.masked(id, value) == nil)
  }

  @Test func `several values are masked one by one`() throws {
    #expect(try Self.masked("name", "甲一;乙二", isMultiValued: true) == "甲**;乙**")
    #expect(try Self.masked("name", "甲一;*;乙二", isMultiValued: true) == "甲**;乙**")
    #expect(try Self.masked("blank", "甲一;乙二", isMultiValued: true) == nil)
    #expect(try Self.masked("name", "甲一;乙二") == "甲**")
  }

  @Test func `equal values have equal hashes under one secret and others under another`() throws {
    let one = try #require(try Self.masked("hash", "示例储罐"))
    #expect(one.count == 32)
    let isHexadecimal = one.allSatisfy(\.isHexDigit)
    #expect(isHexadecimal)
    #expect(try Self.masked("hash", "示例储罐") == one)
    #expect(try Self.masked("hash", "示例储罐2") != one)
    let other = Array("another secret of the tests".utf8)
    let another = try Self.masked("hash", "示例储罐", secret: other)
    #expect(another != one)
    // Python's hmac: the first 128 bits of HMAC-SHA-256.
    #expect(another == "d0a7330a5c8adeb382b440f1e2dedb68")
  }

  @Test func `a hash is refused without a secret that is long enough`() throws {
    for secret in [[], [UInt8](repeating: 7, count: SharingPlan.minimumSecret - 1)] {
      #expect {
        _ = try Self.compiled("hash", secret: secret)
      } throws: {
        ($0 as? SharingError)?.code == .secretMissing
      }
    }
    // Other masks need none.
    _ = try Self.compiled("name", secret: [])
  }

  @Test(arguments: ["name", "identity", "phone", "account", "county", "year", "hash", "blank"])
  func `a masked value never contains the original`(id: String) throws {
    let mask = try Self.compiled(id)
    for seed in 0..<4_000 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let pieces = [
        "张", "欧阳", "三", "*", "**", "四川省", "成都市", "锦江区", "1", "X", "2026", "𠮷", " ",
      ]
      let value = (0...Int.random(in: 0...9, using: &generator)).map { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &generator)]
      }.joined()
      let text = Array(value.utf8)
      var arena: TextArena = []
      let result = mask.write(
        TextRef(offset: 0, length: text.count), in: text, day: 20_000, isMultiValued: false,
        into: &arena)
      let shown = arena.string(result)
      #expect(!shown.contains(value), "seed \(seed): \(value) gives \(shown)")
    }
  }

  @Test func `a mask is given by element, then check, then type`() throws {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    func mask(_ name: String) throws -> String? {
      policy.assignment(for: try #require(catalog.element(name)))?.mask
    }
    #expect(try mask("complainant_phone") == "blank")
    #expect(try mask("supervision_phone") == "phone")
    #expect(try mask("draw_date") == "year")
    #expect(try mask("officer_sex_code") == nil)
    #expect(try mask("penalty_content") == nil)
  }
}
