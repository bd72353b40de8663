import Catalog

extension NegativeItem {
  /// An item that asks what time it is; it holds for nothing.
  static func readingHour() throws -> NegativeItem {
    let condition = try Expression.parse("source_update_time > now")
    return NegativeItem(
      id: "NL99", name: "未来", english: "from the future",
      predicate: RecordPredicate(categories: ["PEN"], conditions: ["PEN": condition]),
      scope: [], action: .denyRecord, tiers: [.public, .shared], origin: "assumed: of a test")
  }
}
