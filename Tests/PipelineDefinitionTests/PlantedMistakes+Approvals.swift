@testable import PipelineDefinition

extension PlantedMistakes {
  private static let file = "sharing/approvals.yaml"

  static let approvals: [Planted] = [
    Planted(
      .deadlineOrder, file, "first-approval: 2", "first-approval: 7",
      says: "7 working days and \"answer\", which comes after it, 6"),
    Planted(
      .deadlineOrder, file, "objection-verify: 3", "objection-verify: 7",
      says: "\"objection-close\", which comes after it, 6"),
    Planted(
      .outOfRange, file, "first-approval: 2", "first-approval: 0", says: "expected 1 to 250"),
    Planted(
      .outOfRange, file, "longest-period-days: 90", "longest-period-days: 3661",
      says: "expected 1 to 3660"),
    Planted(
      .unknownKey, file, "first-approval: 2", "first-aproval: 2", says: "\"first-aproval\"",
      suggestion: "first-approval"),
    Planted(
      .unknownKey, file, "rows-factor: 4", "rows-facter: 4", says: "\"rows-facter\"",
      suggestion: "rows-factor"),
    Planted(
      .outOfRange, file, "denied-per-day: 3", "denied-per-day: 0",
      says: "expected 1 to 1000000000"),
    Planted(
      .unknownWord, file, "tier: shared,", "tier: sharde,", says: "\"sharde\"",
      suggestion: "shared"),
    Planted(
      .duplicateIdentifier, file, "departments: [博物馆]", "departments: [博物馆, 文化局]",
      says: "文化局"),
    Planted(
      .wrongType, file, "second: [文化局]", "second: 文化局", says: "expected a list"),
    Planted(
      .missingOrigin, file, "origin: \"assumed: an example\"\nworkdays", "workdays",
      at: "name: 数据共享审批", says: "has no origin"),
    Planted(
      .calendarNeeded,
      [
        .remove("catalog/calendar/2025.yaml"), .remove("catalog/calendar/2026.yaml"),
        .edit("rules/LOAN.yaml", "workdays(borrowed_on, due_on) <= 20", "borrowed_on <= due_on"),
      ], in: file, at: "name: 数据共享审批", says: "approvals: working days are counted"),
    Planted(
      .unknownFile, [.add("sharing.yaml", "x: y\n")], in: "sharing.yaml", at: "",
      says: "would not be read"),
  ]
}
