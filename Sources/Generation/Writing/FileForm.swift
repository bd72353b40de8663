import Catalog
import Records

/// How the files of one category of a system look, whatever their format.
struct FileForm: Sendable {
  enum Body: Sendable {
    case table(RecordWriter)
    case lines(JSONTree)
    case array(JSONTree)
    case elements(XMLTree)
  }

  let body: Body
  let encoding: Encoding
  private let bureau: Bureau
  private let adapter: SourceAdapter
  private let path: [FieldPath.Step]

  /// - Parameter follower: The category whose records lie in those of the channel.
  init(
    _ channel: Channel, follower: CategoryMapping?, _ adapter: SourceAdapter, _ catalog: Catalog,
    usesOldNames: Bool = false
  ) {
    let (mapping, kind) = (channel.mapping, channel.kind)
    bureau = channel.bureau
    self.adapter = adapter
    encoding = Encoding(adapter.encoding)
    let habits = bureau.makeHabits()
    guard adapter.format.isTree else {
      path = []
      body = .table(
        RecordWriter(
          mapping, habits, catalog, usesOldNames: usesOldNames, delimiter: adapter.delimiter,
          blankColumns: bureau == .sam && (kind == .vio || kind == .rnd) ? 3 : 0))
      return
    }
    let form = TreeForm(
      mapping, required: channel.required, follower: follower, adapter, habits,
      usesOldNames: usesOldNames, catalog)
    path = form.path
    switch adapter.format {
    case .xml:
      let names = form.path.compactMap(\.childName)
      body = .elements(XMLTree(form: form, habits: habits, unitName: names.last ?? "Record"))
    case .ndjson: body = .lines(JSONTree(form: form, habits: habits))
    default: body = .array(JSONTree(form: form, habits: habits))
    }
  }

  // MARK: Before and behind the records

  /// Digits that stand for a number that is known at the end.
  static let unknownCount = "00000000"

  /// Text before the first record.
  func opening(_ night: String) -> [UInt8] {
    var text: [UInt8] = []
    switch body {
    case .table(let writer):
      if adapter.encoding == "utf-8-bom" { text += [0xEF, 0xBB, 0xBF] }
      writer.writeHeader(into: &text)
      if adapter.headerRows > 1 { writer.writeSecondHeader(into: &text) }
    case .lines: break
    case .array:
      for (depth, step) in path.enumerated() {
        switch step {
        case .child(let name):
          text += Array("{".utf8)
          if depth == 0, path.count > 1 { text += Array(#""code":0,"msg":"success","#.utf8) }
          text += Array("\"\(name)\":".utf8)
        default: text += Array("[\n".utf8)
        }
      }
    case .elements: text = Array(openElements(night).utf8)
    }
    return text
  }

  /// Text between the records of two blocks.
  var separator: [UInt8] {
    if case .array = body { return Array(",\n".utf8) }
    return []
  }

  /// Text behind the last record.
  func closing(_ kind: Kind, rows: Int, units: Int) -> [UInt8] {
    switch body {
    case .table: return footer(kind, rows)
    case .lines: return []
    case .array:
      var text = ""
      for (depth, step) in path.enumerated().reversed() {
        switch step {
        case .child:
          if let total = adapter.document.total?.steps, let name = total.last?.childName,
            Array(total.dropLast()) == Array(path[..<depth])
          {
            text += ",\"\(name)\":\(units)"
          }
          text += "}"
        default: text += "\n]"
        }
      }
      return Array((text + "\n").utf8)
    case .elements:
      let names = path.compactMap(\.childName).dropLast()
      return Array(names.reversed().map { "</\($0)>" }.joined(separator: "\n").utf8) + [0x0A]
    }
  }

  private func openElements(_ night: String) -> String {
    let declared = encoding == .utf8 ? "UTF-8" : "GB2312"
    var text = "<?xml version=\"1.0\" encoding=\"\(declared)\"?>\n"
    let names = Array(path.compactMap(\.childName).dropLast())
    let total = adapter.document.total?.steps ?? []
    for (depth, name) in names.enumerated() {
      text += "<\(name)"
      if depth == 0 {
        if adapter.document.namespaces.isEmpty, bureau == .hud {
          text += " xmlns=\"urn:housing:site:export\""
        }
        for (prefix, uri) in adapter.document.namespaces.sorted(by: { $0.key < $1.key }) {
          text += " xmlns:\(prefix)=\"\(uri)\""
        }
      }
      let isParent = total.dropLast().compactMap(\.childName) == Array(names[...depth])
      if isParent, case .attribute(let attribute)? = total.last {
        text += " \(attribute)=\"\(Self.unknownCount)\""
      }
      text += ">\n"
      if depth == 0 { text += sideBranch(total, beside: names, night) }
    }
    return text
  }

  /// The element with the number of records, which stands before the records and not around them.
  private func sideBranch(_ total: [FieldPath.Step], beside names: [String], _ night: String)
    -> String
  {
    let steps = total.compactMap(\.childName)
    guard steps.count > 2, steps[0] == names[0], names.count < 2 || steps[1] != names[1] else {
      return ""
    }
    let inner = steps.dropFirst()
    let prefix = inner.first?.split(separator: ":").count == 2 ? "t:" : ""
    var text = inner.dropLast().map { "<\($0)>" }.joined()
    text +=
      "<\(prefix)Sender>\(bureau.id)</\(prefix)Sender><\(prefix)Night>\(night)</\(prefix)Night>"
    if case .attribute(let name)? = total.last {
      text += "<\(inner.last ?? "") \(name)=\"\(Self.unknownCount)\"/>"
    } else {
      let name = inner.last ?? ""
      text += "<\(name)>\(Self.unknownCount)</\(name)>"
    }
    return text + inner.dropLast().reversed().map { "</\($0)>" }.joined() + "\n"
  }

  /// Lines of totals and notes that some forms end with.
  private func footer(_ kind: Kind, _ rows: Int) -> [UInt8] {
    let text =
      switch (bureau, kind) {
      case (.sam, .pen): "合计,\(rows)条\r\n注:金额单位为万元\r\n"
      case (.sam, .cas): "注：本表由系统导出,仅供内部使用\r\n"
      case (.sam, .mon): "填表人:示例\r\n"
      default: ""
      }
    return Array(text.utf8)
  }
}

extension FieldPath.Step {
  fileprivate var childName: String? {
    if case .child(let name) = self { return name }
    return nil
  }
}
