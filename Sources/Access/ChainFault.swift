/// A place where the access log is not what was written.
package struct ChainFault: Sendable, Hashable, Comparable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Not a line that the program wrote.
    case malformed
    /// The content does not give the line's hash.
    case edited
    /// Entries are missing before the line.
    case missing
    /// The entry stands here again, or too late.
    case misplaced
    /// The line does not name the hash of the one above it.
    case unlinked
    /// Entries are missing at the end.
    case cut
    /// More than one entry stands behind the anchored one.
    case unanchored
    /// An entry's hash is not the one that is kept elsewhere.
    case rewritten
    /// There is no anchor beside the log, or it cannot be read.
    case anchorMissing = "anchor-missing"
    /// A file that an entry vouches for is missing or has another content.
    case file
  }

  package var kind: Kind
  /// From 1; nil where no line can be named.
  package var line: Int?
  /// Sequence in the line, or that of the missing entry.
  package var sequence: Int?
  /// What should stand there: a sequence, a range of them, or a hash.
  package var expected: String
  /// Who says so, where it is not the log itself.
  package var source: String

  package init(
    _ kind: Kind, line: Int?, sequence: Int?, expected: String, source: String = ""
  ) {
    self.kind = kind
    self.line = line
    self.sequence = sequence
    self.expected = expected
    self.source = source
  }

  package static func < (left: Self, right: Self) -> Bool {
    let places = (left.line ?? .max, right.line ?? .max)
    return places.0 != places.1
      ? places.0 < places.1
      : (left.kind.rawValue, left.source) < (right.kind.rawValue, right.source)
  }
}

extension ChainFault {
  private var number: String { sequence.map { "\($0)" } ?? "–" }

  package var english: String {
    let place = line.map { "line \($0)" } ?? "entry \(number)"
    switch kind {
    case .malformed: return "\(place): not an entry; expected entry \(expected)"
    case .edited:
      return
        "\(place), entry \(number): changed after it was written; its content gives \(expected)"
    case .missing:
      return
        "\(place): entry \(number) stands here, expected entry \(expected); those between are gone"
    case .misplaced: return "\(place): entry \(number) stands here, expected entry \(expected)"
    case .unlinked:
      return "\(place), entry \(number): does not follow from the line above; expected previous "
        + expected
    case .cut:
      return "\(place): the end is cut off; expected entry \(expected)"
        + (source.isEmpty ? "" : " (\(source))")
    case .unanchored:
      return
        "\(place), entry \(number): the anchor ends at entry \(expected); more was added without it"
    case .rewritten:
      return "entry \(number): is another one than the \(source) knows; expected \(expected)"
    case .anchorMissing: return "the anchor beside the log is missing or cannot be read"
    case .file:
      return
        "\(place), entry \(number): the file \(source) is missing or changed; expected \(expected)"
    }
  }

  package var chinese: String {
    let place = line.map { "第\($0)行" } ?? "第\(number)号记录"
    switch kind {
    case .malformed: return "\(place):不是日志记录;此处应为第\(expected)号记录"
    case .edited: return "\(place),第\(number)号记录:写入后被改动;现有内容的摘要为\(expected)"
    case .missing: return "\(place):此处为第\(number)号记录,应为第\(expected)号;其间记录已被删除"
    case .misplaced: return "\(place):此处为第\(number)号记录,应为第\(expected)号"
    case .unlinked: return "\(place),第\(number)号记录:与上一行不衔接;上一行摘要应为\(expected)"
    case .cut: return "\(place):末尾被截去;此处应为第\(expected)号记录" + (source.isEmpty ? "" : "(\(source))")
    case .unanchored: return "\(place),第\(number)号记录:锚点止于第\(expected)号,其后记录未经程序写入"
    case .rewritten: return "第\(number)号记录:与\(source)所存不符;应为\(expected)"
    case .anchorMissing: return "日志旁的锚点文件缺失或无法读取"
    case .file: return "\(place),第\(number)号记录:附件\(source)缺失或被改动;摘要应为\(expected)"
    }
  }
}
