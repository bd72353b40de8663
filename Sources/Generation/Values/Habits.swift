/// How the people and programs of one system write.
struct Habits: Sendable {
  /// Forms are picked with equal chance; a usual one stands several times.
  var dates: [DateForm]
  var times: [TimeForm]
  var codes: [CodeForm]
  /// Code by word of yes and no; empty where they are written like other codes.
  var flags: [String: String] = [:]
  /// Between several values in one cell, where the adapter does not say.
  var separator = "、"
  /// Words for no value.
  var blanks: [String] = []
  /// Of a hundred empty values, those written as a word.
  var blankShare = 0
  /// Of a hundred numbers with a unit, those that have it behind them.
  var units = 0
  /// Passes through spreadsheets: tabs behind long numbers, amounts in words, stray blanks.
  var isSpreadsheet = false
  /// JSON: numbers, moments and codes are numbers where they look like one, flags are true and false.
  var hasBareNumbers = false
  var hasBareCodes = false
  var hasBooleans = false
  /// Of a hundred missing values, those whose member or element is left out.
  var omissions = 0
  /// The order of members varies, and unknown ones appear.
  var isLoose = false
  /// XML: longer texts are CDATA blocks.
  var hasBlocks = false

  init(dates: [DateForm], times: [TimeForm], codes: [CodeForm]) {
    self.dates = dates
    self.times = times
    self.codes = codes
  }
}

extension Bureau {
  /// Made anew for each that writes; see ``makeProfile()``.
  func makeHabits() -> Habits {
    switch self {
    case .sam, .ara: Self.spreadsheet(mixed: true)
    case .mee: Self.environment
    case .mot: Self.transport
    case .urb: Self.urbanManagement
    case .mem: Self.workSafety
    case .mps: Self.police
    case .mnr: Self.naturalResources
    case .nhc: Self.spreadsheet(mixed: false)
    case .cul: Self.culture
    case .nmp: Self.drugs
    case .hud: Self.construction
    }
  }

  /// - Parameter mixed: Several people with several programs fill the sheets.
  private static func spreadsheet(mixed: Bool) -> Habits {
    var habits = Habits(
      dates: repeated([
        (.dashed, 50), (.slashed, 18), (.words, 10), (.compact, 10), (.dotted, 4), (.midnight, 3),
        (.serial, 2), (.epoch, 2), (.numerals, 1),
      ]),
      times: repeated([
        (.dashed, 64), (.short, 16), (.words, 6), (.zoned, 4), (.epoch, 2), (.morning, 3),
        (.slashed, 5),
      ]),
      codes: repeated([
        (.label, 68), (.code, 14), (.short, 3), (.synonym, 9), (.codeAndLabel, 3),
        (.labelAndCode, 3),
      ]))
    if !mixed {
      habits.dates = [.slashed, .slashed, .dashed]
      habits.times = [.slashed, .short]
      habits.codes = [.label, .label, .codeAndLabel]
    }
    habits.blanks = ["/", "无", "-", "——"]
    habits.blankShare = 3
    habits.isSpreadsheet = mixed
    return habits
  }

  private static func repeated<Form>(_ weights: [(form: Form, count: Int)]) -> [Form] {
    weights.flatMap { Array(repeating: $0.form, count: $0.count) }
  }

  private static var environment: Habits {
    var habits = Habits(dates: [.dashed], times: [.zoned, .zoned, .epoch], codes: [.code])
    habits.flags = ["1": "1", "0": "0"]
    habits.separator = ";"
    habits.units = 20
    habits.hasBareNumbers = true
    habits.omissions = 60
    habits.isLoose = true
    return habits
  }

  private static var transport: Habits {
    var habits = Habits(dates: [.dashed], times: [.zoned, .dashed], codes: [.code])
    habits.flags = ["Y": "1", "N": "0"]
    habits.omissions = 50
    return habits
  }

  private static var urbanManagement: Habits {
    var habits = Habits(dates: [.dashed], times: [.dashed], codes: [.label])
    habits.flags = ["true": "1", "false": "0"]
    habits.hasBooleans = true
    habits.hasBareNumbers = true
    habits.omissions = 30
    return habits
  }

  private static var workSafety: Habits {
    var habits = Habits(
      dates: [.words, .dashed], times: [.dashed, .words], codes: [.label, .label, .synonym])
    habits.hasBlocks = true
    return habits
  }

  private static var police: Habits {
    var habits = Habits(dates: [.compact], times: [.compact], codes: [.code])
    habits.flags = ["1": "1", "0": "0"]
    habits.separator = ","
    return habits
  }

  private static var naturalResources: Habits {
    var habits = Habits(dates: [.dashed], times: [.dashed], codes: [.code, .code, .label])
    habits.flags = ["Y": "1", "N": "0"]
    return habits
  }

  private static var culture: Habits {
    var habits = Habits(dates: [.epoch, .dashed], times: [.epoch], codes: [.code, .short])
    habits.hasBareNumbers = true
    habits.hasBareCodes = true
    habits.omissions = 20
    habits.isLoose = true
    return habits
  }

  private static var drugs: Habits {
    var habits = Habits(
      dates: [.dotted, .dashed], times: [.slashed, .dashed], codes: [.short, .short, .label])
    habits.blanks = ["无", "/", "-"]
    habits.blankShare = 20
    habits.units = 15
    habits.hasBareCodes = true
    return habits
  }

  private static var construction: Habits {
    var habits = Habits(dates: [.dashed], times: [.zoned], codes: [.code, .code, .codeAndLabel])
    habits.omissions = 40
    return habits
  }
}
