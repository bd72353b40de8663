import Records

extension Expression.Node {
  /// Whether working days are counted.
  package var needsCalendar: Bool {
    switch self {
    case .duration(_, .workdays, _), .call(.workdays, _, _): true
    default: children.contains(where: \.needsCalendar)
    }
  }
}

extension Catalog {
  /// Days before the end of the calendar from which on people are told; our choice, about when the notice of the
  /// next year's holidays is there.
  private static let noticeDays = 60

  /// Whether some judgement counts working days: a rule, a condition, or how long a record waits for another.
  package var countsWorkingDays: Bool {
    let conditions = categories.flatMap { category in
      category.elements.compactMap { entry -> Expression? in
        guard case .conditional(let condition) = entry.obligation else { return nil }
        return condition
      }
    }
    let domains = elements.compactMap { element -> Expression? in
      guard case .holds(let condition) = element.domain else { return nil }
      return condition
    }
    return rules.contains { $0.kind == .reference && $0.severity >= .return }
      || (rules.flatMap { [$0.holds, $0.when].compactMap(\.self) } + conditions + domains)
        .contains { $0.root.needsCalendar }
  }

  /// Why a night cannot be judged: its year has no calendar of working days (design D7). Rules that count them
  /// would hold of everything, and nobody would see it.
  ///
  /// - Parameter night: Days since 1970-01-01.
  /// - Returns: nil if it can.
  package func calendarProblem(onNight night: Int) -> String? {
    guard countsWorkingDays, !calendar.years.contains(CivilDate(dayNumber: night).year) else {
      return nil
    }
    let known = calendar.years.map(String.init).joined(separator: ", ")
    let year = CivilDate(dayNumber: night).year
    return
      "the night \(CivilDate(dayNumber: night)) lies outside the calendar of working days, which has "
      + "\(known.isEmpty ? "no year" : known); add catalog/calendar/\(year).yaml from the notice of the "
      + "State Council and run again"
  }

  /// That the calendar soon ends; nil while there is time.
  ///
  /// - Parameter night: Days since 1970-01-01.
  package func calendarNotice(onNight night: Int) -> String? {
    guard countsWorkingDays, let last = calendar.years.last,
      let end = CivilDate(year: last, month: 12, day: 31)?.dayNumber,
      (0..<Self.noticeDays).contains(end - night)
    else { return nil }
    return
      "the calendar of working days ends with \(last), in \(end - night) days; add "
      + "catalog/calendar/\(last + 1).yaml: limits that reach beyond it are not judged"
  }
}
