import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Findings of rules between records, on their way to the warehouse.
struct LabelBatch {
  private var text: TextArena = []
  private var rows: [Int64] = []
  private var positions: [SourcePosition] = []
  private var ordinals: [Int64] = []
  private var versions: [Int64] = []
  /// Rule, code, element, severity, value, expected.
  private var texts: [[TextRef]] = Array(repeating: [], count: 6)

  var isEmpty: Bool { rows.isEmpty }

  /// - Parameter arena: Holds the texts of the finding.
  mutating func append(
    _ finding: Finding, row: Int64, _ position: SourcePosition, _ description: CheckDescription,
    _ arena: TextArena
  ) {
    rows.append(row)
    positions.append(position)
    ordinals.append(Int64(finding.check))
    versions.append(Int64(description.version))
    let expected =
      finding.expected.isAbsent ? description.expectedChinese : arena.string(finding.expected)
    for (place, ref) in [
      text.appendText(description.rule), text.appendText(description.issue.rawValue),
      description.element.map { text.appendText($0) } ?? .absent,
      text.appendText(description.severity.rawValue),
      text.appendShown(finding.value, in: arena, tier: description.tier), text.appendText(expected),
    ].enumerated() {
      texts[place].append(ref)
    }
  }

  var batch: TableBatch {
    TableBatch(
      table: TableModel.labels.name, rowCount: rows.count,
      columns: [
        .integers(rows), .texts(texts[0]), .integers(ordinals), .texts(texts[1]),
        .integers(versions), .texts(texts[2]), .texts(texts[3]), .texts(texts[4]),
        .texts(texts[5]), .integers(positions.map { Int64($0.recordNumber) }),
        .integers(positions.map { Int64($0.line) }),
        .integers(positions.map { Int64($0.byteOffset) }),
      ], text: text)
  }
}

/// What waiting records wait for.
enum WantedKeys {
  /// The fingerprint of a key of another category.
  static func fingerprint(
    _ category: String, _ elements: [String], _ values: [some Collection<UInt8>]
  ) -> Fingerprint {
    var bytes = Array("\(category)|\(elements.joined(separator: ","))".utf8)
    for value in values {
      bytes.append(0x1F)
      bytes.append(contentsOf: value)
    }
    return Fingerprint(of: bytes.span)
  }

  static func batch(_ wanted: [(key: Fingerprint, row: Int64)]) -> TableBatch {
    var text = TextArena()
    var rows: [Int64] = []
    var keys: [TextRef] = []
    for (index, one) in wanted.enumerated()
    where index == 0 || wanted[index - 1].key != one.key || wanted[index - 1].row != one.row {
      rows.append(one.row)
      let start = text.count
      for half in [one.key.high, one.key.low] {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
          text.append(UInt8(truncatingIfNeeded: half >> shift))
        }
      }
      keys.append(TextRef(offset: start, length: 16))
    }
    return TableBatch(
      table: TableModel.wantedKeys.name, rowCount: rows.count,
      columns: [.blobs(keys), .integers(rows)], text: text)
  }
}
