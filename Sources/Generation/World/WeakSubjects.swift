/// How a record names its subject when it does not give a code that is registered.
enum WeakSubject: String, CaseIterable, Sendable {
  /// Full-width brackets and letters, spaces, a dot: the same name.
  case spelled
  /// 有限责任公司 for 有限公司, without 市 or 区.
  case formed
  /// One character is another one.
  case mistyped
  /// A branch of the subject, which has no registration of its own.
  case branch
  /// A name that it had once.
  case renamed

  /// What a definition that compares names can see of it: whether the name is the same.
  var isSameName: Bool { self == .spelled }
}

/// What a weak record says, and whom it means.
struct WeakMention: Sendable {
  var subject: Enterprise
  var kind: WeakSubject
  /// As the record writes it.
  var name: String
  /// Only where the form of its system has a column for it.
  var number: String?
  /// Registered once and no more; nil where the record gives none.
  var code: String?
}

extension City {
  /// The weak mention of a record; nil for records that name their subject by its code, or nobody.
  func weakMention(_ kind: Kind, _ index: Int) -> WeakMention? {
    guard weakSubjects > 0, [.cmp, .opn, .pen].contains(kind), !Self.isEcho(index) else {
      return nil
    }
    var dice = Dice(seed: ownSeed, purpose: UInt64(kind.rawValue + 141), index: index)
    let isFirst = kind == .pen && bureau == .sam && isFirstLinkable(index)
    guard dice.happens(weakSubjects) || isFirst else { return nil }
    switch kind {
    case .cmp:
      return weaken(subject(of: index, salt: 53), number: nil, code: nil, &dice)
    case .opn:
      return weaken(subject(of: index, salt: 61), number: nil, code: nil, &dice)
    case .pen:
      // Market supervision alone has the column, and penalties are not complete without a code.
      guard bureau == .sam, case .enterprise(let subject) = caseFacts(index).party else {
        return nil
      }
      let former = Self.creditCode(
        prefix: "92", division: "510104", organisation: Self.organisation("MC", index))
      let number = dice.happens(95) || isFirst ? registrationNumber(subject.index) : nil
      return weaken(subject, number: number, code: former, isLinkable: isFirst, &dice)
    default: return nil
    }
  }

  /// Of penalties few can be weak, and of these few have a registered number: the first one that can be
  /// linked is, in small sets too.
  private func isFirstLinkable(_ index: Int) -> Bool {
    guard index < 64 else { return false }
    func isLinkable(_ index: Int) -> Bool {
      guard case .enterprise(let subject) = caseFacts(index).party else { return false }
      return registers(numberOf: subject)
    }
    return isLinkable(index) && !(0..<index).contains(where: isLinkable)
  }

  private func weaken(
    _ subject: Enterprise, number: String?, code: String?, isLinkable: Bool = false,
    _ dice: inout Dice
  ) -> WeakMention {
    let other = dice.pick([WeakSubject.spelled, .formed, .mistyped, .branch, .renamed])
    var kind = dice.happens(40) || isLinkable ? .spelled : other
    // Households have no branches.
    if subject.isHousehold, kind == .branch { kind = .formed }
    return WeakMention(
      subject: subject, kind: kind, name: spell(subject.name, kind, &dice), number: number,
      code: code)
  }

  private func spell(_ name: String, _ kind: WeakSubject, _ dice: inout Dice) -> String {
    let characters = Array(name)
    switch kind {
    case .spelled:
      let middle = dice.roll(1...characters.count - 1)
      let mark = dice.pick([" ", "\u{3000}", "·", ""])
      return String(characters[..<middle]) + mark + String(characters[middle...])
    case .formed:
      return name.hasSuffix("有限公司")
        ? String(name.dropLast(4)) + "有限责任公司"
        : String(name.filter { $0 != "市" && $0 != "区" })
    case .mistyped:
      // Neither a place nor a legal form, which do not count.
      var typed = characters
      let place = 2 + dice.roll(2)
      typed[place == 2 && typed[2] == "市" ? 3 : place] = "曌"
      return String(typed)
    case .branch: return name + "东门分公司"
    case .renamed: return "清源故旧\(Spelling.padded(dice.roll(97), 2))商行"
    }
  }

  /// Puts what a weak record says in place of what it would have said.
  func weakenSubject(_ draft: inout Draft, _ kind: Kind, _ index: Int) {
    guard let mention = weakMention(kind, index) else { return }
    draft[.subjectName] = kind == .cmp ? .none : .text(mention.name)
    if kind == .cmp { draft[.respondentName] = .text(mention.name) }
    draft[.uscc] = mention.code.map { .text($0) } ?? .none
    if kind == .pen { draft[.registrationNo] = mention.number.map { .text($0) } ?? .none }
    draft.children.removeAll()
  }

  /// Whether the register has the number of a subject: what its own system says of it.
  func registers(numberOf subject: Enterprise) -> Bool {
    var facts = Dice(seed: seed, purpose: Purpose.registration.rawValue, index: subject.index)
    // The organisation code is thrown first.
    _ = facts.happens(80)
    return facts.happens(40)
  }
}

extension Generator {
  /// Whom the weak records of the first night mean, one line each.
  func writeSubjects(_ file: DeliveryFile) throws {
    for bureau in bureaus {
      let city = city.seen(by: bureau)
      for kind in [Kind.pen, .cmp, .opn] where bureau.delivers(kind) {
        for index in 0..<city.census.count(kind) {
          let names: [Field] = [kind == .cmp ? .respondentName : .subjectName]
          guard let mention = city.weakMention(kind, index),
            channel(bureau, kind)?.kit.delivers(names) == true
          else { continue }
          let subject = mention.subject
          let isLinked =
            mention.kind.isSameName && mention.number != nil && city.registers(numberOf: subject)
          let line = JSONText.line(
            .object([
              ("system", .text(bureau.id)), ("category", .text(kind.id)),
              ("record_id", .text(city.recordNumber(kind, index))),
              ("subject", .text(subject.creditCode)), ("name", .text(subject.name)),
              ("weakness", .text(mention.kind.rawValue)),
              ("number", mention.number.map { .text($0) } ?? .null),
              ("registered_number", .number(city.registers(numberOf: subject) ? 1 : 0)),
              ("linked", .number(isLinked ? 1 : 0)),
            ]))
          try file.write(Array((line + "\n").utf8))
        }
      }
    }
  }
}
