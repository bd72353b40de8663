import Records
import SharingWitness
import TestSupport
import Testing

@testable import Catalog
@testable import Sharing

@Suite struct FreeTextTests {
  private static func cleaned(_ text: String, names: [String] = []) throws -> String? {
    let catalog = try SharingFixture.catalog()
    let policy = try #require(catalog.sharing)
    let cleaner = try FreeTextCleaner(policy) { id throws(SharingError) in
      guard let mask = policy.mask(id) else { throw SharingError(.unknownMask, id) }
      return try CompiledMask(mask, policy: policy, counties: CountyTree([]), secret: [])
    }
    let arena = Array("前\(text)后".utf8)
    var scratch = FreeTextCleaner.Scratch()
    for name in names {
      let bytes = Array(name.utf8)
      scratch.names.appendAll(bytes, bytes.indices, isMany: false)
    }
    var made: TextArena = []
    let result = cleaner.clean(
      TextRef(offset: 3, length: text.utf8.count), in: arena, scratch: &scratch, into: &made)
    guard let result else { return text }
    return result.isAbsent ? nil : made.string(result)
  }

  @Test(arguments: [
    ("身份证510104190001010018。", "身份证510***********0018。"),
    ("身份证51010419000101001X。", "身份证510***********001X。"),
    ("身份证51010419000101001x,", "身份证510***********001x,"),
    ("身份证５１０１０４１９０００１０１００１Ｘ", "身份证５１０***********００１Ｘ"),
    ("证号510104 1900 0101 0018", "证号510**************0018"),
    ("旧证510104000101001号", "旧证510********1001号"),
    ("手机13800000001,", "手机138****0001,"), ("手机138-0000-0001", "手机138******0001"),
    ("手机+8613800000001", "手机+861******0001"),
    ("13800000001/13900000002", "138****0001/139****0002"),
    // What cannot be told apart is masked as a whole.
    ("13800000001 13900000002", "*******************0002"),
    ("甲13800000001 2人", "甲138****0001 2人"),
    ("电话028-80000009", "电话028*****0009"), ("电话(028)80000009", "电话(028*****0009"),
    ("电话:80000009", "电话:********"), ("拨打400-800-0000", "拨打400*****0000"),
    ("卡6222020000000000012", "卡***************0012"),
    ("卡6222 0200 0000 0000", "卡***************0000"), ("账号:12345678901", "账号:***********"),
    ("微信号12345678", "微信号********"),
    // What nobody sees, or takes for a blank or a hyphen.
    ("手机138\u{200B}0000\u{200B}0001", "手机138******0001"),
    ("手机138\u{2011}0000\u{2011}0001", "手机138******0001"),
    ("手机138\n0000\n0001", "手机138******0001"), ("手机138\t0000\u{2003}0001", "手机138******0001"),
    ("手机138/0000/0001", "手机138******0001"),
  ])
  func `numbers of persons are masked`(text: String, expected: String) throws {
    #expect(try Self.cleaned(text) == expected)
  }

  @Test(arguments: [
    ("马\u{2003}睿振到场", "马睿振"), ("马\u{200E}睿振到场", "马睿振"), ("马\u{202F}睿振到场", "马睿振"),
    ("阿依古丽\u{FF65}买买提到场", "阿依古丽·买买提"), ("马睿\n振到场", "马睿振"),
  ])
  func `a name is found whatever nobody sees in it`(text: String, name: String) throws {
    let cleaned = try #require(try Self.cleaned(text, names: [name]))
    #expect(
      cleaned.hasPrefix(String(name.prefix(1)) + "*") && cleaned.hasSuffix("到场"), "\(cleaned)")
    #expect(!cleaned.contains("振") && !cleaned.contains("提"))
  }

  /// Both stood with their names in public texts, since the cell was looked for as one name.
  @Test(arguments: ["张三丰、李小四", "张三丰，李小四", "张三丰/李小四", "张三丰;李小四", "张三丰,李小四"])
  func `two persons in one cell are two names`(cell: String) throws {
    let text = try #require(try Self.cleaned("当事人张三丰与李小四到场", names: [cell]))
    #expect(!text.contains("张三丰") && !text.contains("李小四"), "\(text)")
    #expect(text.hasSuffix("到场"))
  }

  @Test func `a table of figures and a crowd of names keep nobody waiting`() throws {
    let clock = ContinuousClock()
    var figures = ""
    for number in 0..<40_000 { figures += "\(number % 10) " }
    var begun = clock.now
    #expect(try Self.cleaned(figures + "手机13800000001")?.hasSuffix("138****0001") == true)
    #expect(clock.now - begun < .seconds(5))
    // Nobody can tell in time whether one of them is in it: it is not shown.
    let crowd = (0..<40_000).map { "人\($0)" }
    let text = String(repeating: "人", count: 40_000)
    begun = clock.now
    #expect(try Self.cleaned(text, names: crowd) == nil)
    #expect(clock.now - begun < .seconds(5))
    // As many as a large case has are looked for.
    let parties = (0..<100).map { "某市清源第\($0)有限公司" }
    let remark = String(repeating: "现场检查记录", count: 600) + parties[99]
    #expect(try Self.cleaned(remark, names: parties)?.contains(parties[99]) == false)
  }

  @Test(arguments: [
    "罚款5000元", "清市监罚〔2026〕12号", "2026年3月15日", "2026-03-15", "罚款1234567.89元",
    "许可证JY25101040000018", "代码91510104MAQY00013P", "第一百二十四条", "批号20260301共80000009件", "",
  ])
  func `other numbers stay`(text: String) throws {
    #expect(try Self.cleaned(text) == text)
  }

  @Test(arguments: [
    ("对张三罚款", ["张三"], "对张**罚款"), ("张三、张三丰", ["张三", "张三丰"], "张**、张**"),
    ("欧阳修与李四", ["欧阳修", "李四"], "欧阳**与李**"), ("张 三", ["张三"], "张**"),
    ("张三", ["张　三"], "张**"), ("阿依古丽买买提到场", ["阿依古丽·买买提"], "阿**到场"),
    ("阿依古丽•买买提", ["阿依古丽·买买提"], "阿**"), ("JOHN smith说", ["John Smith"], "J**说"),
    ("ＪｏｈｎSmith", ["John Smith"], "Ｊ**"), ("张\u{200B}三", ["张三"], "张**"),
    ("无关文字", ["张三"], "无关文字"), ("三张", ["张三"], "三张"),
    ("张三电话13800000001", ["张三"], "张**电话138****0001"),
  ])
  func `names of the record are masked`(text: String, names: [String], expected: String) throws {
    #expect(try Self.cleaned(text, names: names) == expected)
  }

  @Test func `a text that would still show a name is withheld`() throws {
    #expect(try Self.cleaned("张三到场", names: ["张三", "张"]) == nil)
    #expect(try Self.cleaned("欧阳修到场", names: ["欧阳修", "欧阳"]) == nil)
  }

  /// Random texts around planted numbers and names: none of them is in what is left, written as it
  /// was or without what stands between its characters.
  @Test func `what is planted is never left`() throws {
    let fillers = ["对", "罚款", "5000", "元", " ", "，", "2026-03-15", "(", "）", "的", "A", "-"]
    for seed in 0..<600 {
      var generator = SeededGenerator(seed: UInt64(seed))
      func some(_ list: [String]) -> String {
        list[Int.random(in: 0..<list.count, using: &generator)]
      }
      func digits(_ count: Int) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
      }
      let name = some(["张三", "欧阳修", "丁六七", "买买提"])
      var planted = ["51010419" + digits(10), "13" + digits(9), "62220200" + digits(11), name]
      planted.shuffle(using: &generator)
      var text = ""
      for secret in planted {
        // Letters and digits touch nothing, so that a number stays the number that it is.
        text += (0..<3).map { _ in some(fillers) }.joined() + "号" + secret + "号"
      }
      let shown = try Self.cleaned(text, names: [name]) ?? ""
      let bare = shown.filter { !" -()）".contains($0) }
      for secret in planted {
        #expect(!shown.contains(secret), "seed \(seed): \(text) gives \(shown)")
        #expect(!bare.contains(secret), "seed \(seed): \(text) gives \(shown)")
      }
    }
  }
}
