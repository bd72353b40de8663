/// Settings of a run that are not about data; from `nightly.yaml` and the command line.
package struct RunConfiguration: Sendable {
  /// Accepted ÷ (accepted + returned), first submissions (semantics.md §3).
  package var attainmentTarget = 0.98
  package var coreAccuracyTarget = 1.0
  /// Element whose codes say how secret a record is, and the codes that must never enter.
  package var secrecyElement = "secrecy_level_code"
  package var secrecyCodes = ["2", "3", "4"]
  /// Element that says what a delivery does to the record, and the code of a deletion.
  package var operationElement = "operation_type_code"
  package var deletionCode = "3"
  package var recordIDElement = "source_record_id"
  package var updateTimeElement = "source_update_time"
  package var batchElement = "batch_no"
  package var agencyElement = "agency_uscc"
  package var systemElement = "source_system_code"
  /// Working days that a record waits for the record it points to.
  package var pendingWorkdays = 10
  /// Working days in which a department answers a return.
  package var returnWorkdays = 10
  /// Bytes that must be free on the warehouse's disk before a run starts.
  package var minimumFreeBytes: Int64 = 1 << 30
  /// Bytes that a night writes for every byte delivered, beside the minimum: segments, rows, indexes and
  /// the log of the database; assumed, from nights that were measured at two to three.
  package var spaceFactor: Int64 = 4
  /// Bytes that a compressed one stands for; assumed, from exports that shrank five- to tenfold.
  package var compressionFactor: Int64 = 10
  /// Days after their night for which originals and return packages are kept.
  package var archiveDays = Int.max
  package var returnsDays = Int.max

  package init() {}

  /// Bytes of a file once it is unpacked, at a guess; its name says whether it has to be.
  func unpackedLength(_ name: String, _ length: Int64) -> Int64 {
    let isCompressed = [".gz", ".zip"].contains { name.lowercased().hasSuffix($0) }
    return length.timesAtMost(isCompressed ? compressionFactor : 1)
  }

  /// Bytes that must be free for a night of these files, and those of the files once they are unpacked.
  func space(
    for files: [(name: String, length: Int64)]
  ) -> (needed: Int64, delivered: Int64) {
    let bytes = files.reduce(Int64(0)) { $0.plusAtMost(unpackedLength($1.name, $1.length)) }
    return (minimumFreeBytes.plusAtMost(spaceFactor.timesAtMost(bytes)), bytes)
  }

  /// What a record says of its own delivery: systems never say the same, and nobody is wrong.
  package var deliveryElements: Set<String> {
    [recordIDElement, systemElement, updateTimeElement, operationElement, batchElement]
  }
}

/// What is too large to count is as large as can be: a file of holes may claim any size.
extension Int64 {
  fileprivate func timesAtMost(_ factor: Int64) -> Int64 {
    let (product, isOver) = multipliedReportingOverflow(by: factor)
    return isOver ? .max : product
  }

  fileprivate func plusAtMost(_ other: Int64) -> Int64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}

/// The moment of a run; an input, never read from a clock inside the stages (design.md D11).
package struct RunMoment: Sendable {
  /// The date whose deliveries are processed, days since 1970-01-01.
  package var night: Int
  /// The date that rules call today.
  package var today: Int
  /// Seconds since 1970-01-01T00:00:00, local time +08:00.
  package var now: Int64

  package init(night: Int, today: Int, now: Int64) {
    self.night = night
    self.today = today
    self.now = now
  }
}
