/// What must become of the records of a file.
struct ExpectedBalance: Sendable, Equatable {
  var read = 0
  var accepted = 0
  var unchanged = 0
  var duplicate = 0
  var returned = 0
  /// Records that wait for one to which they refer.
  var pending = 0
  var deleted = 0
  var held = 0
  /// Records that a full delivery no longer has; none of those read.
  var removed = 0
  var acceptedFirst = 0
  var returnedFirst = 0

  init() {}

  /// Accepted ÷ (accepted + returned) of first submissions; nil where there are none.
  var attainment: Double? {
    let judged = acceptedFirst + returnedFirst
    return judged == 0 ? nil : Double(acceptedFirst) / Double(judged)
  }

  static func += (left: inout Self, right: Self) {
    left.read += right.read
    left.accepted += right.accepted
    left.unchanged += right.unchanged
    left.duplicate += right.duplicate
    left.returned += right.returned
    left.pending += right.pending
    left.deleted += right.deleted
    left.held += right.held
    left.removed += right.removed
    left.acceptedFirst += right.acceptedFirst
    left.returnedFirst += right.returnedFirst
  }

  /// Counts a row that is judged.
  mutating func judge(_ row: DeliveryRow, isReturned: Bool, isWaiting: Bool = false) {
    read += 1
    let isFirst = row.hidesNumber || (row.before?.attempts ?? 0) == 0
    if isReturned {
      returned += 1
      if isFirst { returnedFirst += 1 }
    } else if row.action == .deletion {
      deleted += 1
    } else if isWaiting {
      pending += 1
    } else {
      accepted += 1
      if isFirst { acceptedFirst += 1 }
    }
  }

  var json: JSONText.Item {
    .object([
      ("read", .number(read)), ("accepted", .number(accepted)), ("unchanged", .number(unchanged)),
      ("duplicate", .number(duplicate)), ("returned", .number(returned)),
      ("pending", .number(pending)), ("deleted", .number(deleted)), ("held", .number(held)),
      ("removed", .number(removed)),
      ("acceptedFirst", .number(acceptedFirst)), ("returnedFirst", .number(returnedFirst)),
      ("attainment", attainment.map { .share($0) } ?? .null),
    ])
  }
}
