import Catalog
import Records

extension Linter {
  func checkCodeLists() {
    let used = Set(catalog.elements.compactMap(\.codeList))
    for list in catalog.codeLists {
      let path = DefinitionPath.codeList(list.id)
      if !used.contains(list.id) {
        log.report(
          .unusedCodeList, at: places.place(path),
          "code list \(list.id) is used by no element; use it or remove it")
      }
      checkLabels(of: list, path)
    }
  }

  /// Every spelling leads to one code only.
  private func checkLabels(of list: CodeList, _ path: DefinitionPath) {
    var owners: [String: [PermissibleValue]] = [:]
    for value in list.values {
      let place = places.place(path.at("values", value.code))
      var own: Set<String> = []
      for label in [value.label] + value.synonyms where !own.insert(label).inserted {
        log.report(
          .duplicateLabel, at: place,
          "code list \(list.id): \"\(label)\" stands twice at code \"\(value.code)\"; "
            + "remove one")
      }
      // Labels are matched in English as well.
      let spellings = Set((Array(own) + [value.english]).map(Self.folded)).subtracting([""])
      for label in spellings.sorted() {
        if let other = owners[label]?.first(where: { $0.overlaps(value) }) {
          ambiguous(label, list, place, "codes \"\(other.code)\" and \"\(value.code)\"")
        }
        owners[label, default: []].append(value)
      }
    }
    checkCodesAsLabels(list, path)
    checkAliases(of: list, path, owners)
  }

  private func checkCodesAsLabels(_ list: CodeList, _ path: DefinitionPath) {
    for value in list.values {
      for label in [value.label] + value.synonyms where label != value.code {
        guard let other = list.values.first(where: { $0.code == label }) else { continue }
        ambiguous(
          label, list, places.place(path.at("values", value.code)),
          "code \"\(other.code)\" itself and a spelling of \"\(value.code)\"")
      }
    }
  }

  private func checkAliases(
    of list: CodeList, _ path: DefinitionPath, _ owners: [String: [PermissibleValue]]
  ) {
    var seen = Set(owners.keys)
    let codes = list.values.map(\.code)
    for alias in list.aliases {
      let place = places.place(path.at("aliases", alias.label))
      if !seen.insert(Self.folded(alias.label)).inserted {
        ambiguous(alias.label, list, place, "an alias and another entry")
      }
      for code in alias.codes where !codes.contains(code) {
        unknown(.unknownCode, "alias: code", code, at: place, among: codes)
      }
    }
    for entry in list.undecidable where !seen.insert(Self.folded(entry.label)).inserted {
      ambiguous(
        entry.label, list, places.place(path.at("undecidable", entry.label)),
        "an undecidable label and another entry")
    }
  }

  private func ambiguous(_ label: String, _ list: CodeList, _ place: Place, _ owners: String) {
    log.report(
      .ambiguousLabel, at: place,
      "code list \(list.id): \"\(label)\" is \(owners); leave it in one place")
  }

  /// The form in which labels are compared: half width, lower case, no blanks around.
  static func folded(_ label: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in label.unicodeScalars {
      let isFullWidth = (0xFF01...0xFF5E).contains(scalar.value)
      let half = isFullWidth ? Unicode.Scalar(scalar.value - 0xFEE0) : nil
      result.append(scalar == "\u{3000}" ? " " : half ?? scalar)
    }
    let text = String(result).lowercased()
    return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension PermissibleValue {
  /// Whether some day belongs to both.
  func overlaps(_ other: PermissibleValue) -> Bool {
    if let until, let start = other.from, until < start { return false }
    if let until = other.until, let from, until < from { return false }
    return true
  }
}
