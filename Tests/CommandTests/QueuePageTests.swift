import Access
import Catalog
import Review
import TestSupport
import Testing
import WarehouseSQLite

extension SampleConsole {
  /// The two ways in which pages of the queue are found, against each other and against the counts.
  @Suite struct QueuePageTests {
    private static let sorting = Int.max
    private static let walking = 0

    private func queue(_ systems: Set<String>?, fewRecords: Int) throws -> ReviewQueue {
      let home = try ConsoleHome.shared.get().home
      let catalog = try TestPipeline.real.get().catalog
      let folder = home.path + "/warehouse"
      let file = try ReviewFile.current(
        folder: folder, catalog, try WarehouseReader(folder: folder))
      let account = Account(
        person: try Person(user: "chief", department: "市场监管局"), role: .operator,
        systems: systems, clearance: .restricted)
      return ReviewQueue(
        file, catalog, account, plans: [:], recordID: "", fewRecords: fewRecords)
    }

    /// Everything, everything by one facet, and some cuts by two.
    private func filters(_ queue: ReviewQueue) -> [QueueFilter] {
      var filters = [QueueFilter()]
      for (facet, counts) in queue.facets(QueueFilter()) {
        for value in counts.keys.sorted().prefix(4) {
          var filter = QueueFilter()
          filter[facet] = value
          filters.append(filter)
          for (other, values) in queue.facets(filter) where other != facet {
            guard let last = values.keys.max() else { continue }
            var both = filter
            both[other] = last
            filters.append(both)
          }
        }
      }
      return filters
    }

    private func rows(
      _ queue: ReviewQueue, _ filter: QueueFilter, _ order: ReviewQueue.ItemOrder, limit: Int
    ) throws -> [Int64] {
      var rows: [Int64] = []
      var after: Int64?
      repeat {
        let page = try queue.page(filter, order: order, after: after, limit: limit)
        #expect(page.items.count <= limit && (page.next == nil || page.items.count == limit))
        rows += page.items.map(\.row)
        after = page.next
      } while after != nil
      return rows
    }

    /// Findings about a whole record name no element: their link opened everything.
    @Test func `every choice of a facet opens as many records as it says`() throws {
      let console = try RunningConsole(try ConsoleHome.shared.get().home)
      let chief = try console.signIn("chief")
      let page = try chief.page("/queue")
      let link =
        /href="(\/queue\?[a-z]+=[^"]*)"[^>]*><span class="label">[^<]*<\/span><span class="count">([0-9,]+)</
      let links = page.matches(of: link).filter { !$0.1.contains("held=") }
      for found in links {
        let opened = try chief.page(String(found.1.replacing("&amp;", with: "&")))
        #expect(opened.contains("<b>\(found.2) 条记录"), "\(found.1)")
      }
      #expect(links.count > 20 && links.contains { $0.1.hasSuffix("element=") })
    }

    @Test(arguments: [nil, ["SAM", "MOT"]] as [Set<String>?])
    func `groups of records are counted as the queue cut to each of them counts`(
      systems: Set<String>?
    ) throws {
      let queue = try self.queue(systems, fewRecords: Self.sorting)
      let all = try self.queue(nil, fewRecords: Self.sorting).rows(QueueFilter(), limit: 1000)
      try #require(all.count > 10)
      let groups = [
        "all": all, "even": all.enumerated().filter { $0.offset % 2 == 0 }.map(\.element),
        "one": [all[3]], "none": [], "unknown": [all[0], -7],
      ]
      for filter in filters(queue) {
        let expected = try groups.mapValues { try queue.only($0).count(filter) }
          .filter { $0.value > 0 }
        let targets = groups.mapValues { rows in
          rows.map { ActStore.Target(row: $0, recordKey: "", system: "") }
        }
        #expect(
          try queue.counts(filter, of: try targets.mapValues(queue.openRows)) == expected,
          "\(filter.choices)")
      }
    }

    @Test(arguments: [nil, ["SAM", "MOT"]] as [Set<String>?])
    func `walking and sorting give the same pages, with every record once`(
      systems: Set<String>?
    ) throws {
      let sorted = try queue(systems, fewRecords: Self.sorting)
      let walked = try queue(systems, fewRecords: Self.walking)
      let filters = filters(sorted)
      try #require(filters.count > 50)
      for filter in filters {
        for order in ReviewQueue.ItemOrder.allCases {
          let rows = try rows(sorted, filter, order, limit: 7)
          #expect(try self.rows(walked, filter, order, limit: 7) == rows, "\(filter.choices)")
          let ascending = Set(rows).sorted()
          let expected: [Int64] = order == .oldest ? ascending : ascending.reversed()
          #expect(rows == expected, "\(filter.choices)")
          #expect(rows.count == sorted.count(filter), "\(filter.choices)")
        }
      }
    }

    @Test(arguments: ReviewQueue.ItemOrder.allCases, [sorting, walking])
    func `a page may begin behind any number there is`(
      order: ReviewQueue.ItemOrder, fewRecords: Int
    ) throws {
      let queue = try queue(nil, fewRecords: fewRecords)
      let first = try queue.page(QueueFilter(), order: order, limit: 7).items.map(\.row)
      try #require(first.count == 7)
      for number in [Int64.min, .min + 1, -1, 0, .max - 1, .max] {
        let isBefore = order == .oldest ? number <= 0 : number > 0
        let page = try queue.page(QueueFilter(), order: order, after: number, limit: 7)
        #expect(page.items.map(\.row) == (isBefore ? first : []), "\(number)")
      }
    }
  }
}
