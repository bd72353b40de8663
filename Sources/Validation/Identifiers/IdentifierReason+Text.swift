extension IdentifierReason {
  /// What is wrong, in English, as the end of a sentence about the value.
  ///
  /// - Parameter showsCharacters: False for restricted elements: no character of the value is shown.
  package func english(showsCharacters: Bool) -> String {
    switch self {
    case .length(let found, let expected): "has \(found) characters, expected \(expected)"
    case .character(let position): "character \(position) is not allowed there"
    case .checkCharacter(let expected, let found):
      showsCharacters
        ? "check character is \(Self.quoted(found)), expected \(Self.quoted(expected))"
        : "check character is wrong"
    case .organisationCode: "the organisation code in places 9 to 17 fails its own check"
    case .date: "the date in it is not in the calendar"
    case .futureDate: "the date in it is in the future"
    case .division: "the division code in it is unknown"
    case .prefix: "starts with something this kind does not start with"
    case .scientificNotation: "was shortened to scientific notation by a spreadsheet"
    case .excelZeros: "a spreadsheet replaced the last three digits by zeros"
    case .letterCase: "has lower-case letters; standardize it first"
    case .filler: "is a filler, not a number that was issued"
    case .masked: "was masked by the source; its check cannot be computed"
    case .oldForm: "is of a form that has been replaced"
    case .brackets: "the year stands in other brackets; standardize it first"
    case .year: "has no year of four digits that can be"
    case .serial: "has no serial number of the right length"
    case .section: "the section letter contradicts the division"
    case .looksLikeResidentID: "looks like a resident identity number"
    case .areaCode: "has no area code, or one that does not exist"
    case .form: "does not have the form of its kind"
    }
  }

  /// What is wrong, in Chinese, for stewards.
  ///
  /// - Parameter showsCharacters: False for restricted elements: no character of the value is shown.
  package func chinese(showsCharacters: Bool) -> String {
    switch self {
    case .length(let found, let expected): "长度为\(found)位,应为\(expected)位"
    case .character(let position): "第\(position)位字符不允许"
    case .checkCharacter(let expected, let found):
      showsCharacters
        ? "校验码为\(Self.quoted(found)),应为\(Self.quoted(expected))" : "校验码错误"
    case .organisationCode: "第9至17位组织机构代码校验不符"
    case .date: "其中的日期不存在"
    case .futureDate: "其中的日期晚于今天"
    case .division: "其中的行政区划代码不存在"
    case .prefix: "开头字符不符合规则"
    case .scientificNotation: "被电子表格转为科学计数法,数字已丢失"
    case .excelZeros: "被电子表格将末三位改为零"
    case .letterCase: "含小写字母,应先标准化"
    case .filler: "为占位填充值,不是真实编号"
    case .masked: "已由来源系统脱敏,无法校验"
    case .oldForm: "为已停用的旧格式"
    case .brackets: "年份括号不规范,应先标准化"
    case .year: "缺少四位年份或年份不合理"
    case .serial: "缺少序号或序号位数不符"
    case .section: "门类字母与大类代码矛盾"
    case .looksLikeResidentID: "疑似公民身份号码"
    case .areaCode: "缺少区号或区号不存在"
    case .form: "不符合该类编号的格式"
    }
  }

  private static func quoted(_ byte: UInt8) -> String {
    "\"" + String(Unicode.Scalar(byte)) + "\""
  }
}
