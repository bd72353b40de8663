import Catalog
import Records

/// The checks of the rows of one child table.
struct ChildRowsValidator: Sendable {
  private let validator: CategoryValidator
  private let title: String
  /// Index of the first of its checks among those of the category.
  private let firstCheck: Int

  /// - Throws: What ``CategoryValidator`` throws.
  init(
    _ child: ChildTable, of category: Category, _ catalog: Catalog, system: String,
    _ registry: inout CheckRegistry
  ) throws {
    validator = try CategoryValidator(
      catalog: catalog, category: category.asCategory(child), system: system)
    title = child.title
    firstCheck = registry.descriptions.count
    for var description in validator.descriptions {
      description.rule = "\(child.name)/\(description.rule)"
      // Core accuracy counts the values of records.
      description.isElementAccuracy = false
      _ = registry.add(description)
    }
  }

  func run(
    _ rows: inout ElementChunk, _ owners: [Int32], _ skipping: [Bool],
    _ context: ValidationContext, descriptions: [CheckDescription],
    into findings: inout [Finding]
  ) {
    var own: [Finding] = []
    validator.validate(
      rows, skipping: owners.map { skipping[Int($0)] }, context: context, into: &own)
    for finding in own {
      let owner = owners[Int(finding.row)]
      let check = firstCheck + Int(finding.check)
      let first = Self.firstRow(of: owner, owners)
      let place = "第\(Int(finding.row) - first + 1)个\(title):"
      let expected =
        finding.expected.isAbsent
        ? descriptions[check].expectedChinese : rows.text.string(finding.expected)
      findings.append(
        Finding(
          row: Int(owner), check: check, value: finding.value,
          expected: rows.text.appendText(place + expected)))
    }
  }

  /// - Parameter owners: Of each row, ascending.
  private static func firstRow(of owner: Int32, _ owners: [Int32]) -> Int {
    var range = 0..<owners.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = owners[middle] < owner ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
