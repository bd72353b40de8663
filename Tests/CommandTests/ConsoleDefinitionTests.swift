import Catalog
import Foundation
import TestSupport
import Testing

extension SampleConsole {
  /// Everything that `Pipelines/` defines is there to be read, and leads to what it names.
  @Suite("Console: definitions", .serialized)
  struct ConsoleDefinitionTests {
    private typealias Entry = (id: String, origin: String)

    private let fixture: ConsoleHome
    private let console: RunningConsole
    private let catalog: Catalog
    private let matching: SubjectMatching
    private let sharing: SharingPolicy

    init() throws {
      fixture = try ConsoleHome.shared.get()
      console = try RunningConsole(fixture.home)
      catalog = try TestPipeline.real.get().catalog
      matching = try #require(catalog.matching)
      sharing = try #require(catalog.sharing)
    }

    /// By kind, as the list names it.
    private var definitions: [(kind: String, entries: [Entry])] {
      let clause = "2026年行政执法智慧监管工作计划, 一、3 (公共服务类、内部共享类、受限使用类)"
      let tiers: [Entry] = SharingTier.allCases.map { (id: "tier-\($0.rawValue)", origin: clause) }
      let conditions: [Entry] = sharing.tierConditions.map { (id: $0.id, origin: $0.origin) }
      let whole: [Entry] = [(id: "matching", origin: matching.origin)]
      let links: [Entry] = matching.links.map { (id: $0.id, origin: $0.origin) }
      let candidates: [Entry] = matching.candidates.map { (id: $0.id, origin: $0.origin) }
      return [
        ("rule", catalog.rules.map { ($0.id, $0.origin) }),
        ("authority", catalog.authority.rules.map { ($0.id, $0.origin) }),
        ("element", catalog.elements.map { ($0.id, $0.origin) }),
        ("code-list", catalog.codeLists.map { ($0.id, $0.origin) }),
        ("issue", catalog.issueTypes.map { ($0.code.rawValue, $0.origin) }),
        ("category", catalog.categories.map { ($0.id, $0.origin) }),
        ("matching", whole + links + candidates),
        ("negative-list", sharing.items.map { ($0.id, $0.origin) }),
        ("tier", tiers + conditions),
        ("mask", sharing.masks.map { ("mask-\($0.id)", $0.origin) }),
        ("system", catalog.systems.map { ($0.id, $0.origin) }),
      ]
    }

    /// As a page in Chinese has it.
    private func shown(_ origin: String) -> String {
      let mark = "assumed: "
      return ConsoleRulesTests.escaped(
        origin.hasPrefix(mark) ? "推定：\(origin.dropFirst(mark.count))" : origin)
    }

    private func ids(_ page: String) -> Set<String> {
      Set(page.matches(of: /href="\/rules\/([^"]+)"/).map { String($0.1) })
    }

    @Test func `every definition is listed, has a page with its origin and is found by its number`()
      throws
    {
      let visitor = try console.signIn("chief")
      let numbers = [
        "element": 327, "authority": 23, "negative-list": 21, "system": 12, "category": 18,
        "code-list": 73,
      ]
      for (kind, entries) in definitions {
        let list = ids(try visitor.page("/rules?kind=\(kind)"))
        #expect(list == Set(entries.map { $0.id }), "\(kind)")
        #expect(list.count == numbers[kind] ?? entries.count, "\(kind): \(list.count)")
        for (id, origin) in entries {
          let page = try visitor.page("/rules/\(id)")
          #expect(!origin.isEmpty && page.contains(shown(origin)), "\(id): \(origin)")
          #expect(ConsoleMarkup.problems(page).isEmpty, "\(id)")
          #expect(ids(try visitor.page("/rules?q=\(id)")).contains(id), "\(id)")
        }
        let first = try #require(entries.first?.id)
        #expect(ConsoleMarkup.problems(try visitor.page("/rules/\(first)?lang=en")).isEmpty)
      }
    }

    @Test func `names of every kind are found whatever kind is looked at`() throws {
      let visitor = try console.signIn("sam")
      let item = try #require(sharing.items.last)
      let candidate = try #require(matching.candidates.last)
      let system = try #require(catalog.systems.last)
      let known = [
        (item.id, item.name), (item.id, item.english), (candidate.id, candidate.english),
        (system.id, system.name), (system.id, system.english), ("mask-county", "地址到县"),
      ]
      for (id, name) in known {
        let page = try visitor.page("/rules?kind=authority&q=\(Form.encoded(name))")
        #expect(ids(page).contains(id), "\(name)")
      }
    }

    @Test func `an element tells who sees what, behind which mask, and what names it`() throws {
      let visitor = try console.signIn("chief")
      let element = try #require(catalog.element("person_id_no"))
      let page = try visitor.page("/rules/\(element.id)")
      let ways = ids(page)
      #expect(ways.isSuperset(of: ["mask-identity", "NL07", "tier-\(element.tier.rawValue)"]))
      #expect(page.contains("脱敏：证件号码") && page.contains("510***********0018"))
      #expect(ids(try visitor.page("/rules/NL07")).isSuperset(of: [element.id, "PEN"]))
      let mask = try visitor.page("/rules/mask-identity")
      #expect(ids(mask).contains(element.id) && mask.contains("510***********0018"))
      #expect(ids(try visitor.page("/rules/tier-restricted")).contains(element.id))
      let coded = try #require(catalog.element("penalty_type_code"))
      let list = try #require(coded.codeList)
      #expect(ids(try visitor.page("/rules/\(coded.id)")).contains(list))
      #expect(ids(try visitor.page("/rules/\(list)")).contains(coded.id))
    }

    @Test func `a code list tells what spellings come to`() throws {
      let visitor = try console.signIn("chief")
      let id = try #require(catalog.element("penalty_type_code")?.codeList)
      let list = try #require(catalog.codeList(id))
      let page = try visitor.page("/rules/\(id)")
      let value = try #require(list.values.first)
      #expect(page.contains("\(value.code)-\(value.label)"))
      let synonyms = list.values.flatMap(\.synonyms).prefix(3)
      let spellings = synonyms + list.aliases.map(\.label).prefix(3)
      for spelling in spellings {
        #expect(page.contains("<bdi>\(ConsoleRulesTests.escaped(spelling))</bdi>"), "\(spelling)")
      }
      for value in list.values {
        #expect(page.contains(ConsoleRulesTests.escaped(value.english)), "\(value.code)")
      }
    }

    @Test func `a rule of matching shows its worked cases, and all of them how names are compared`()
      throws
    {
      let visitor = try console.signIn("chief")
      for id in ["SM1", "SM2", "SC6"] {
        let page = try visitor.page("/rules/\(id)")
        #expect(page.contains("checks/matching.yaml") && ids(page).contains("matching"), "\(id)")
      }
      let page = try visitor.page("/rules/matching")
      for ending in matching.names.endings { #expect(page.contains(ending), "\(ending)") }
      for source in matching.sources { #expect(ids(page).contains(source.category)) }
    }

    @Test func `a system tells how it delivers and when its deliveries are held`() throws {
      let visitor = try console.signIn("chief")
      for adapter in catalog.adapters {
        let page = try visitor.page("/rules/\(adapter.system)")
        for text in [
          adapter.returnContact, adapter.cutOff, adapter.encoding, adapter.origin,
        ] {
          #expect(page.contains(shown(text)), "\(adapter.system): \(text)")
        }
        #expect(ids(page).isSuperset(of: adapter.categories.map(\.category)), "\(adapter.system)")
      }
      let mem = try console.signIn("mem")
      #expect(!(try mem.page("/rules/SAM").contains("2026-03-07 的发现")))
      #expect(try mem.page("/rules/MEM").contains("2026-03-07 的发现"))
    }

    @Test func `everybody who is signed in reads them, and nobody else`() throws {
      let paths = ["/rules/NL01", "/rules/SM2", "/rules/SAM", "/rules/tier-public", "/rules/PEN"]
      for user in ["auditor", "boss", "open", "mem"] {
        let visitor = try console.signIn(user)
        for path in paths {
          let page = try visitor.page(path)
          // Who reads no records is led to none.
          if user == "auditor" { #expect(!page.contains(/href="\/(queue|records)/), "\(path)") }
        }
      }
      for path in paths { #expect(try console.client.get(path).status == 303, "\(path)") }
    }
  }
}
