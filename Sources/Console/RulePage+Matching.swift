import Catalog
import Pipeline
import Warehouse

/// Whom records mean: the rules that link, those that propose, and how names are compared.
extension RulePage {
  func matchingRule(_ matching: SubjectMatching) -> HTML {
    if let rule = matching.links.first(where: { $0.id == entry.id }) { return linking(rule) }
    if let rule = matching.candidates.first(where: { $0.id == entry.id }) {
      return candidate(rule)
    }
    return whole(matching)
  }

  private func linking(_ rule: SubjectMatching.LinkRule) -> HTML {
    let isByCode = rule.kind == .code
    let kind =
      isByCode
      ? of("代码相同", "the same code")
      : of("注册号和规范化名称都相同，且只有一家", "the same number and normalized name, of one alone")
    let unknown =
      switch rule.unknownCode {
      case .link: of("仍然关联", "linked all the same")
      case .candidate: of("只作候选", "only proposed")
      }
    return sheet(
      [
        (of("结果", "outcome"), of("自动关联", "linked without a person")),
        (of("凭", "by"), kind),
        (of("所载代码未登记时", "where the code is in no registration"), isByCode ? "" : unknown),
      ],
      HTML.joined([
        lastNight(isByCode ? .code : .number), seeWhole,
        paragraph(originTitle, language.origin(rule.origin)),
      ]))
  }

  private func candidate(_ rule: SubjectMatching.CandidateRule) -> HTML {
    let number =
      switch rule.number {
      case .same: of("相同", "the same")
      case .different: of("不同", "different")
      case .unknown: of("至少一方没有", "one of them has none")
      }
    let name =
      switch rule.subjectName {
      case .same: of("规范化后相同", "the same once normalized")
      case .core: of("只差区划、组织形式或括号", "differs in places, legal form or brackets alone")
      case .branch: of("一方是另一方的分支机构", "one is a branch of the other")
      case .near: of("一字之差", "one character differs")
      case .other: of("不同", "different")
      }
    return sheet(
      [
        (of("结果", "outcome"), of("候选，由人判断", "proposed to a person")),
        (of("注册号", "numbers"), number), (of("名称", "names"), name),
        (of("分值", "score"), "\(rule.score)"),
      ],
      HTML.joined([
        lastNight(.candidates), seeWhole, paragraph(originTitle, language.origin(rule.origin)),
      ]))
  }

  private var seeWhole: HTML { links(of("全貌：", "As a whole: "), [RuleBook.matchingID]) }

  /// The way to records of the last night. Those with a code that tells stand in no list.
  private func lastNight(_ knowledge: SubjectKnowledge) -> HTML {
    guard mayOpen, knowledge != .code else { return "" }
    let address = RecordsRequest(.subjects(knowledge, night: night)).address.text
    let title =
      knowledge == .number
      ? of("\(night) 凭注册号和名称关联的记录", "Records of \(night) linked by number and name")
      : of("\(night) 待人判断的记录", "Records of \(night) that wait for a person")
    return "<p><a href=\"\(address)\">\(title) →</a></p>"
  }

  private func whole(_ matching: SubjectMatching) -> HTML {
    sheet(
      [
        (of("一条记录最多候选", "candidates of a record, at most"), "\(matching.limit)"),
        (
          of("比最高分低多少就不列", "not proposed if further behind the best than"),
          "\(matching.margin)"
        ),
        (
          of("字号相同的登记超过多少就不算线索", "no evidence where more registrations share a trade name than"),
          "\(matching.crowd)"
        ),
        (
          of(matching.unknownCodeReason, matching.unknownCodeEnglish),
          matching.unknownCodeDeduction > 0 ? "−\(matching.unknownCodeDeduction)" : ""
        ),
      ],
      HTML.joined([
        links(of("登记：", "Registrations: "), [matching.entity]),
        links(
          of("比较的数据元：", "Elements compared: "),
          ids(ofElements: [matching.code, matching.number, matching.name])),
        links(of("关联规则：", "Rules that link: "), matching.links.map(\.id)),
        links(of("候选规则：", "Rules that propose: "), matching.candidates.map(\.id)),
        paragraph(originTitle, language.origin(matching.origin)),
      ]))
      + nameForms(matching.names) + sources(matching)
  }

  private func nameForms(_ forms: SubjectMatching.Names) -> HTML {
    let steps = forms.steps.map { step in
      switch step {
      case .halfWidth: of("全角转半角", "half width")
      case .lowerCase: of("转小写", "lower case")
      case .noSpaces: of("去空格", "no spaces")
      }
    }
    let folds: [String] = Set(forms.folds.values).sorted().map { target in
      let others = forms.folds.filter { $0.value == target }.map(\.key).sorted()
      return "\(others.map { String($0) }.joined(separator: " ")) → \(target)"
    }
    let comma = of("、", ", ")
    let rows: [(title: String, words: String)] = [
      (of("先做", "first"), steps.joined(separator: comma)),
      (of("视为相同的字符", "characters that count as one"), folds.joined(separator: "；")),
      (
        of("忽略的字符", "characters left out"),
        forms.dropped.sorted().map { String($0) }.joined(separator: " ")
      ),
      (of("组织形式", "legal forms"), forms.endings.joined(separator: comma)),
      (of("可有可无的词", "words that may be there or not"), forms.words.joined(separator: " ")),
      (of("分支机构", "branches"), forms.branches.joined(separator: comma)),
      (of("一字之差所需的字数", "characters needed before one may differ"), "\(forms.nearLength)"),
    ]
    let title = of("名称怎样比较", "How names are compared")
    return section(
      "names", title,
      table(
        title, [(of("步骤", "step"), false), (of("内容", "what"), false)],
        rows.map { "<tr><th scope=\"row\">\($0.title)</th><td><bdi>\($0.words)</bdi></td></tr>" }))
  }

  private func sources(_ matching: SubjectMatching) -> HTML {
    let rows: [HTML] = matching.sources.map { source in
      let fields = [source.code, source.number].compactMap { $0 } + source.names
      return """
        <tr><th scope="row">\(link(source.category))</th><td>\(links(ids(ofElements: fields)))</td><td>\(language.origin(source.origin))</td></tr>

        """
    }
    let title = of("载有主体的类别", "Categories that name a subject")
    return section(
      "subjects", title,
      table(
        title,
        [
          (of("类别", "category"), false), (of("凭哪些数据元", "by which elements"), false),
          (of("依据", "origin"), false),
        ], rows))
  }
}
