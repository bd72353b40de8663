package import Catalog

/// Why no patch can be made of a change.
package enum PatchRefusal: Error, Sendable {
  /// The folder has no such code list.
  case unknownList(String)
  /// The list has no such code.
  case unknownCode(String)
  /// A text that no line of a file can hold.
  case unwritable(String)
  /// The file writes its values in a form that lines cannot be added to.
  case form(file: String)
  /// The folder would have these errors, or has them already.
  case problems([Problem])
}

/// A change of one file of the folder, for a person to look at and to commit.
package struct DefinitionPatch: Sendable {
  /// Relative to the folder.
  package var path: String
  /// A unified diff; `patch -p1` and `git apply` take it inside the folder.
  package var diff: String
}

extension PipelineFolder {
  /// Makes the patch by which a code list knows a spelling, and checks the folder as it would be then.
  ///
  /// Nothing on disk is changed. A code is added below the others; a synonym becomes an alias of its code,
  /// since aliases have an origin of their own.
  ///
  /// - Parameters:
  ///   - origin: Who confirmed it, when and why.
  ///   - knownChecks: See ``load(_:knownChecks:patternProblem:)``.
  ///   - patternProblem: See ``load(_:knownChecks:patternProblem:)``.
  package static func patch(
    _ path: String, _ change: CodeListChange, origin: String, knownChecks: Set<String>? = nil,
    patternProblem: ((String) -> String?)? = nil
  ) throws(PatchRefusal) -> DefinitionPatch {
    let log = ProblemLog()
    let files = FolderReader.files(in: path, log: log)
    let edit = try CodeListEdit(change, origin, files, log)
    let changed = files.map { file in
      file.path == edit.file.path ? SourceFile(path: file.path, text: edit.lines.text) : file
    }
    let result = check(
      changed, log: log, Abilities(checks: knownChecks, patternProblem: patternProblem))
    guard result.catalog != nil else { throw .problems(result.errors) }
    return DefinitionPatch(
      path: edit.file.path, diff: edit.lines.unifiedDiff(edit.file.path))
  }
}

/// Where a change of a code list stands in its file.
private struct CodeListEdit {
  let file: SourceFile
  let lines: InsertedLines

  init(
    _ change: CodeListChange, _ origin: String, _ files: [SourceFile], _ log: ProblemLog
  ) throws(PatchRefusal) {
    guard let (file, entries) = Self.find(change.list, files, log) else {
      throw .unknownList(change.list)
    }
    self.file = file
    let added: (key: String, item: String)
    if let new = change.added {
      added = ("values", try Self.item(new, change.spelling, origin))
    } else {
      let code = change.synonymOf ?? ""
      guard Self.codes(entries).contains(code) else { throw .unknownCode(code) }
      added = (
        "aliases",
        "{ label: \(try Self.quoted(change.spelling)), codes: [\(try Self.quoted(code))], "
          + "origin: \(try Self.quoted(origin)) }"
      )
    }
    let (text, _) = InsertedLines.lines(of: file.text)
    if let list = Self.items(added.key, entries), let last = list.last {
      let (end, margin) = try Self.end(of: last, in: text, file)
      lines = InsertedLines([margin + "- " + added.item], after: end, in: file.text)
    } else {
      guard let last = Self.items("values", entries)?.last else { throw .form(file: file.path) }
      let (end, margin) = try Self.end(of: last, in: text, file)
      lines = InsertedLines(
        [added.key + ":", margin + "- " + added.item], after: end, in: file.text)
    }
  }

  private static func find(
    _ id: String, _ files: [SourceFile], _ log: ProblemLog
  ) -> (SourceFile, [DocumentNode.Entry])? {
    for file in files where FileKind(file.path) == .codeList {
      guard let root = DocumentReader.read(file.text, file: file.path, log: log),
        case .map(let entries) = root.content,
        case .scalar(id, _)? = entries.first(where: { $0.key == "id" })?.value.content
      else { continue }
      return (file, entries)
    }
    return nil
  }

  private static func items(_ key: String, _ entries: [DocumentNode.Entry]) -> [DocumentNode]? {
    guard case .list(let items)? = entries.first(where: { $0.key == key })?.value.content else {
      return nil
    }
    return items
  }

  private static func codes(_ entries: [DocumentNode.Entry]) -> [String] {
    (items("values", entries) ?? []).compactMap { item in
      guard case .map(let parts) = item.content,
        case .scalar(let code, _)? = parts.first(where: { $0.key == "code" })?.value.content
      else { return nil }
      return code
    }
  }

  /// Lines up to the end of an item, and the blanks before its dash.
  private static func end(
    of item: DocumentNode, in lines: [String], _ file: SourceFile
  ) throws(PatchRefusal) -> (Int, String) {
    guard lines.indices.contains(item.place.line - 1) else { throw .form(file: file.path) }
    let first = lines[item.place.line - 1]
    let margin = first.prefix { $0 == " " }
    guard first.dropFirst(margin.count).hasPrefix("- ") else { throw .form(file: file.path) }
    var end = item.place.line
    for (number, line) in lines.enumerated().dropFirst(end) {
      let blanks = line.prefix { $0 == " " }
      let content = line.dropFirst(blanks.count)
      if content.allSatisfy(\.isWhitespace) || content.hasPrefix("#") { continue }
      guard blanks.count > margin.count else { break }
      end = number + 1
    }
    return (end, String(margin))
  }

  private static func item(
    _ new: CodeListChange.NewCode, _ spelling: String, _ origin: String
  ) throws(PatchRefusal) -> String {
    let known = [new.code, new.label, new.english].map(Linter.folded)
    let synonyms =
      known.contains(Linter.folded(spelling)) ? "" : "synonyms: [\(try quoted(spelling))], "
    return "{ code: \(try quoted(new.code)), label: \(try quoted(new.label)), "
      + "english: \(try quoted(new.english)), \(synonyms)origin: \(try quoted(origin)) }"
  }

  /// A text between double quotes.
  private static func quoted(_ text: String) throws(PatchRefusal) -> String {
    guard !text.isEmpty,
      text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { throw .unwritable(text) }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
