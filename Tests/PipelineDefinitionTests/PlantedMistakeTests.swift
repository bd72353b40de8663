import Testing

@testable import PipelineDefinition

/// One mistake planted in the second pipeline, and what must be said about it.
struct Planted: Sendable, CustomTestStringConvertible {
  enum Step: Sendable {
    case edit(String, String, String)
    case add(String, String)
    case remove(String)
  }

  var code: ProblemCode
  var steps: [Step]
  /// File of the problem.
  var file: String
  /// Text on the line of the problem; empty for the file as a whole.
  var mark: String
  /// Part of the message.
  var says: String
  var suggestion: String?
  /// Problems that follow from the planted one.
  var others: Set<ProblemCode> = []

  var testDescription: String { "\(code.rawValue): \(says)" }

  /// A replacement on the line of the problem.
  init(
    _ code: ProblemCode, _ file: String, _ old: String, _ new: String, at mark: String? = nil,
    in place: String? = nil, says: String, suggestion: String? = nil,
    others: Set<ProblemCode> = []
  ) {
    self.init(
      code, [.edit(file, old, new)], in: place ?? file, at: mark ?? new, says: says,
      suggestion: suggestion, others: others)
  }

  init(
    _ code: ProblemCode, _ steps: [Step], in file: String, at mark: String, says: String,
    suggestion: String? = nil, others: Set<ProblemCode> = []
  ) {
    self.code = code
    self.steps = steps
    self.file = file
    self.mark = mark
    self.says = says
    self.suggestion = suggestion
    self.others = others
  }

  /// Plants the mistake, loads the folder and compares.
  func verify() throws {
    let folder = try TestFolder()
    for step in steps {
      switch step {
      case .edit(let file, let old, let new): try folder.edit(file, old, new)
      case .add(let file, let text): try folder.write(text, to: file)
      case .remove(let file): try folder.remove(file)
      }
    }
    let result = folder.load()
    let found = result.problems.filter { $0.code == code }
    let problem = try #require(found.first, "found \(result.problems)")
    #expect(found.count == 1, "\(found)")
    #expect(problem.place.file == file)
    #expect(problem.place.line == (try folder.line(of: mark, in: file)), "\(problem)")
    #expect(problem.message.contains(says), "\(problem)")
    #expect(problem.suggestion == suggestion, "\(problem)")
    let rest = Set(result.problems.map(\.code)).subtracting([code])
    #expect(rest == others, "\(result.problems)")
    #expect((result.catalog == nil) == !result.errors.isEmpty)
  }
}

/// All planted mistakes, by what they are about.
enum PlantedMistakes {
  static let all =
    files + keys + elements + codeLists + categories + rules + authority + tables + sources
    + sharing + approvals + checks + authorityCases + speakingRows + matching
}

@Suite struct PlantedMistakeTests {
  @Test(arguments: PlantedMistakes.all)
  func `a planted mistake is found where it stands, and nothing else is`(
    mistake: Planted
  ) throws {
    try mistake.verify()
  }

  @Test func `every kind of problem is planted somewhere`() {
    let elsewhere: Set<ProblemCode> = [
      .missingFolder, .invalidEncoding, .linkOutOfFolder, .unreadableFile,
    ]
    let planted = Set(PlantedMistakes.all.map(\.code)).union(elsewhere)
    let missing = ProblemCode.allCases.filter { !planted.contains($0) }
    #expect(missing == [])
  }

  @Test func `codes are lower case words joined by hyphens`() {
    for code in ProblemCode.allCases {
      #expect(code.rawValue.allSatisfy { $0 == "-" || ($0 >= "a" && $0 <= "z") })
    }
  }
}
