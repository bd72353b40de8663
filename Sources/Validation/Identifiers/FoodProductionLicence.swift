/// 食品生产许可证编号: SC, three digits of category (1xx food, 2xx additives), six of division, four of
/// sequence, check digit.
///
/// - Source: 《食品生产许可管理办法》; facts §2. The check is ISO 7064 MOD 11,10.
package enum FoodProductionLicence {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    checkLicence(value, prefix: "SC", first: UInt8(ascii: "1")...UInt8(ascii: "2"))
  }
}
