import Access
import Catalog
import Crypto
import Glibc
import Warehouse

/// What accompanies the data of an export: schema, manifest and check sums.
struct ExportPaper {
  let catalog: Catalog
  let category: Category
  let grant: Grant
  let export: String
  let format: ExportFormat
  let tables: [ExportTable]
  /// By table.
  let rows: [Int]
  let publication: Int64
  let night: String
  let time: Int64

  static let schemaName = "schema.json"
  static let manifestName = "manifest.json"
  static let sumsName = "SHA256SUMS"

  /// Columns with their meaning, after the catalog.
  func schema() -> String {
    let all = tables.enumerated().map { index, table in
      JSONPaper.object([
        ("name", .text(table.name)), ("title", .text(table.title)),
        ("english", .text(table.english)), ("rows", .number(rows[index])),
        ("columns", .list(columns(table))),
      ])
    }
    return JSONPaper.object([
      ("category", .text(category.id)), ("title", .text(category.name)),
      ("english", .text(category.english)), ("tables", .list(all)),
    ]).text + "\n"
  }

  private func columns(_ table: ExportTable) -> [JSONPaper] {
    let elements = Dictionary(
      table.elements.map { ($0.identifier, $0) }, uniquingKeysWith: { first, _ in first })
    return table.columns.map { name in
      guard let element = elements[name] else {
        return JSONPaper.object([
          ("name", .text(name)), ("title", .text(Self.titles[name] ?? name)),
        ])
      }
      let tier = catalog.sharing?.tier(of: element, in: category.id) ?? .restricted
      return JSONPaper.object([
        ("name", .text(name)), ("title", .text(element.name)), ("english", .text(element.english)),
        ("definition", .text(element.definition)), ("element", .text(element.id)),
        ("type", .text(element.type.rawValue)), ("representation", .text(element.notation)),
        ("unit", element.unit.map { .text($0) } ?? .null),
        ("codeList", element.codeList.map { .text($0) } ?? .null),
        ("multiValued", .flag(element.isMultiValued)), ("tier", .text(tier.rawValue)),
        ("origin", .text(element.origin)),
      ])
    }
  }

  private static let titles = [
    ExportTable.record: "记录在本数据包中的序号", ExportTable.ordinal: "在记录中的序号",
    ExportTable.objection: "数据异议状态", ExportTable.objectionSince: "异议提出日期",
    ExportMark.column: "接收方标记,不得删除",
  ]

  /// Who received what, for what, until when.
  ///
  /// - Parameter files: Names, sizes and SHA-256 of data and schema.
  func manifest(_ files: [(name: String, bytes: Int, sha256: String)]) -> String {
    let request = grant.request
    return JSONPaper.object([
      ("export", .text(export)), ("grant", .text(grant.id)), ("request", .text(request.id)),
      (
        "recipient",
        .object([
          ("department", .text(request.requester.department)),
          ("user", .text(request.requester.user)),
        ])
      ),
      ("purpose", .text(request.purpose)), ("terms", .text(grant.terms)),
      ("tier", .text(grant.tier.rawValue)), ("tierLabel", .text(grant.tier.chinese)),
      ("category", .text(category.id)), ("title", .text(category.name)),
      ("elements", .list(tables.first?.elements.map { .text($0.identifier) } ?? [])),
      ("condition", request.condition.map { .text($0) } ?? .null),
      ("exported", .text(Moment.text(time))),
      ("validFrom", .text(Moment.text(grant.period.firstSecond))),
      ("expires", .text(Moment.text(grant.period.lastSecond))),
      ("publication", .number(Int(publication))), ("night", .text(night)),
      ("rows", .number(rows.first ?? 0)), ("format", .text(format.rawValue)),
      (
        "mark",
        .text("每行含接收方标记(\(ExportMark.column));到期或授权撤销后须销毁。Every row is marked for its recipient.")
      ),
      (
        "files",
        .list(
          files.map {
            .object([
              ("name", .text($0.name)), ("bytes", .number($0.bytes)), ("sha256", .text($0.sha256)),
            ])
          })
      ),
    ]).text + "\n"
  }

  static func write(_ text: String, _ path: String) throws {
    let file = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    try file.write(Array(text.utf8))
    try file.synchronize()
  }

  /// Size and SHA-256 of a file.
  static func sum(_ path: String) throws -> (bytes: Int, sha256: String) {
    let file = try PosixFile(path, flags: O_RDONLY)
    var hash = SHA256()
    var count = 0
    while true {
      let block = try file.read(1 << 20)
      if block.isEmpty { break }
      count += block.count
      hash.update(data: block)
    }
    let digits = hash.finalize().map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return (count, digits.joined())
  }
}

/// JSON with keys in the order in which they are written, for papers that people read.
indirect enum JSONPaper {
  case text(String)
  case number(Int)
  case flag(Bool)
  case null
  case list([JSONPaper])
  case object([(String, JSONPaper)])

  var text: String { text(indent: "") }

  private func text(indent: String) -> String {
    let deeper = indent + "  "
    switch self {
    case .text(let value): return JSONQuoting.quoted(value)
    case .number(let value): return "\(value)"
    case .flag(let value): return "\(value)"
    case .null: return "null"
    case .list(let values):
      if values.isEmpty { return "[]" }
      let parts = values.map { deeper + $0.text(indent: deeper) }
      return "[\n" + parts.joined(separator: ",\n") + "\n" + indent + "]"
    case .object(let members):
      let parts = members.map {
        deeper + JSONQuoting.quoted($0.0) + ": " + $0.1.text(indent: deeper)
      }
      return "{\n" + parts.joined(separator: ",\n") + "\n" + indent + "}"
    }
  }
}
