import Catalog
import Foundation
import Testing

@testable import PipelineDefinition

/// Patches of code lists, applied by the programs that people apply them with.
@Suite struct CodeListPatchTests {
  private static let media = "catalog/code-lists/M1-media.yaml"
  private static let systems = "catalog/code-lists/S1-systems.yaml"

  private static func synonym(
    _ spelling: String, of code: String, list: String = "M1"
  ) -> CodeListChange {
    CodeListChange(list: list, element: "media_code", spelling: spelling, synonymOf: code)
  }

  private static func new(_ code: String, _ label: String, spelling: String) -> CodeListChange {
    CodeListChange(
      list: "M1", element: "media_code", spelling: spelling,
      added: .init(code: code, label: label, english: "map"))
  }

  private func patch(_ folder: TestFolder, _ change: CodeListChange) throws -> DefinitionPatch {
    try PipelineFolder.patch(
      folder.url.path, change, origin: "steward: li, 2026-03-08, 来函 \"7号\"",
      knownChecks: checksOfTheProgram)
  }

  private func run(_ program: String, _ arguments: [String], in folder: URL) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Applies a patch by two programs to two copies, which must then be the same, and gives one of them.
  private func applied(_ diff: String, to folder: TestFolder) throws -> TestFolder {
    let other = try TestFolder()
    for path in [Self.media, Self.systems] { try other.write(try folder.text(path), to: path) }
    let file = folder.url.appendingPathComponent("../\(UUID().uuidString).patch").standardized
    try Data(diff.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try #require(
      try run("patch", ["-p1", "--fuzz=0", "--batch", "-i", file.path], in: folder.url) == 0,
      "\(diff)")
    try #require(try run("git", ["apply", file.path], in: other.url) == 0, "\(diff)")
    for path in [Self.media, Self.systems] {
      #expect(try folder.text(path) == other.text(path))
    }
    return other
  }

  /// Texts that are put into a file before, and what is confirmed then.
  private static let cases:
    [(name: String, edit: (String, String, String)?, change: CodeListChange)] =
      [
        ("an alias beside others", nil, synonym("图 书\"", of: "01")),
        ("a first alias", nil, synonym("图书室", of: "LIB", list: "S1")),
        ("a code", nil, new("04", "地图", spelling: "地图")),
        ("a code with another spelling", nil, new("04", "地图", spelling: "挂图\\")),
        (
          "items of several lines with comments between",
          (
            media, "  - { code: \"03\", label: 电子书, english: e-book, from: 2010-01-01 }\n",
            "  - code: \"03\"\n    label: 电子书\n    english: e-book\n    # since then\n    from: 2010-01-01\n\n# below\n"
          ), new("04", "地图", spelling: "地图")
        ),
        (
          "no line end behind the last line",
          (
            systems, "  - { code: THE, label: 剧院, english: theatre }\n",
            "  - { code: THE, label: 剧院, english: theatre }"
          ),
          synonym("图书室", of: "LIB", list: "S1")
        ),
        (
          "no line end near the change",
          (media, "  - { label: 其他, reason: 不能判断载体 }\n", "  - { label: 其他, reason: 不能判断载体 }"),
          synonym("图书馆藏书", of: "01")
        ),
        ("line ends of Windows", (media, "\n", "\r\n"), synonym("图书馆藏书", of: "01")),
        (
          "lists at the margin",
          (media, "  - {", "- {"), new("04", "地图", spelling: "地图")
        ),
      ]

  @Test(arguments: cases.indices)
  func `a patch adds what was confirmed and nothing else`(_ index: Int) throws {
    let (name, edit, change) = Self.cases[index]
    let folder = try TestFolder()
    if let (path, old, new) = edit {
      let text = try folder.text(path)
      try #require(text.contains(old), "\(name)")
      try folder.write(text.replacingOccurrences(of: old, with: new), to: path)
    }
    let before = try #require(folder.load().catalog, "\(name): \(folder.load().errors)")
    let patch = try patch(folder, change)
    let after = try #require(try applied(patch.diff, to: folder).load().catalog, "\(name)")
    #expect(patch.diff.split(separator: "\n").count { $0.hasPrefix("+") } <= 4)
    for list in after.codeLists {
      let old = try #require(before.codeList(list.id))
      guard list.id == change.list else {
        #expect(list.values == old.values && list.aliases == old.aliases)
        continue
      }
      if let new = change.added {
        #expect(Array(list.values.dropLast()) == old.values && list.aliases == old.aliases)
        let added = try #require(list.values.last)
        #expect(added.code == new.code && added.label == new.label && added.english == "map")
        #expect(added.synonyms == (change.spelling == new.label ? [] : [change.spelling]))
      } else {
        #expect(list.values == old.values && Array(list.aliases.dropLast()) == old.aliases)
        #expect(
          list.aliases.last
            == CodeList.Alias(label: change.spelling, codes: [change.synonymOf ?? ""]))
      }
    }
  }

  @Test func `the origin stands beside what was added`() throws {
    let folder = try TestFolder()
    let diff = try patch(folder, Self.synonym("图书馆藏书", of: "01")).diff
    #expect(
      diff.contains(
        #"+  - { label: "图书馆藏书", codes: ["01"], origin: "steward: li, 2026-03-08, 来函 \"7号\"" }"#),
      "\(diff)")
  }

  @Test func `what would be wrong is refused, and nothing is written`() throws {
    func refusal(_ change: CodeListChange, _ old: String = "", _ new: String = "") throws -> String
    {
      let folder = try TestFolder()
      if !old.isEmpty { try folder.edit(Self.media, old, new) }
      let before = try folder.text(Self.media)
      defer { #expect((try? folder.text(Self.media)) == before) }
      do {
        let patch = try patch(folder, change)
        return "a patch: \(patch.diff)"
      } catch let refusal as PatchRefusal {
        return "\(refusal)"
      }
    }
    for (change, words) in [
      // Another code's spelling, in other letters.
      (Self.synonym("ｃｄ", of: "01"), "ambiguous-label"),
      // What a person must decide.
      (Self.synonym("其他", of: "01"), "ambiguous-label"),
      (Self.new("01", "地图", spelling: "地图"), "duplicate-code"),
      (Self.synonym("图", of: "99"), "unknownCode"),
      (Self.synonym("图", of: "01", list: "M9"), "unknownList"),
      (Self.synonym("图\n册", of: "01"), "unwritable"),
      (Self.synonym("", of: "01"), "unwritable"),
    ] {
      let text = try refusal(change)
      #expect(text.contains(words), "\(text)")
    }
    // A list on one line has no line to add to.
    let flow = try refusal(
      Self.synonym("图", of: "01"), "aliases:\n  - { label: 随书光盘, codes: [\"01\", \"02\"] }",
      "aliases: [{ label: 随书光盘, codes: [\"01\", \"02\"] }]")
    #expect(flow.contains("form"), "\(flow)")
    // A folder with errors gets no patches.
    let broken = try refusal(Self.synonym("图", of: "01"), "name: 载体", "nam: 载体")
    #expect(broken.contains("unknown-key"), "\(broken)")
  }
}
