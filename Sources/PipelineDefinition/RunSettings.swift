/// What `nightly.yaml` says: one run, its thresholds and limits.
package struct RunSettings: Sendable, Hashable {
  /// Shares from 0 to 1.
  package struct Thresholds: Sendable, Hashable {
    package var attainment = 0.98
    package var coreAccuracy = 1.0
  }

  /// When a delivery is held; adapters may say otherwise for their system.
  package struct Gate: Sendable, Hashable {
    /// Largest share of returned records.
    package var returnedShare = 0.3
    /// Judged records below which the share of returned ones says nothing.
    package var minimumJudged = 20
    /// Share of wrongly decoded characters from which on a delivery is held.
    package var mojibakeLimit = 0.05
    /// Wrongly decoded characters below which their share says nothing.
    package var minimumMojibake = 200
  }

  package struct Chunk: Sendable, Hashable {
    package var records = 1024
    package var bytes = 768 << 10
  }

  package struct Limits: Sendable, Hashable {
    package var recordBytes = 16 << 20
    package var fields = 4096
    package var nesting = 64
    package var decompressionRatio = 100
    package var xmlExpansionBytes = 10_000_000
  }

  /// Days after a night for which its files are kept.
  package struct Retention: Sendable, Hashable {
    package var archiveDays = 1095
    package var returnsDays = 90
  }

  /// The elements that the run itself must know; nil where the organisation has none.
  package struct Roles: Sendable, Hashable {
    package var recordIdentifier: String?
    package var updateTime: String?
    package var batch: String?
    package var agency: String?
    package var system: String?
    /// Says what a delivery does to the record.
    package var operation: String?
    /// Code of ``operation`` for a deletion.
    package var deletionCode: String?
    /// Says how secret the record is.
    package var secrecy: String?
    /// Codes of ``secrecy`` that must never enter.
    package var secretCodes: [String] = []
  }

  package var thresholds = Thresholds()
  package var gate = Gate()
  package var chunk = Chunk()
  package var limits = Limits()
  package var retention = Retention()
  package var roles = Roles()
  /// Working days that a record waits for the record it points to.
  package var pendingWorkdays = 10
  /// Working days in which a department answers a return.
  package var returnWorkdays = 10
  /// Seconds without change before a file counts as complete, where its system says nothing of it.
  package var stableSeconds = 60
  /// Free disk space below which a run does not start.
  package var freeSpaceGigabytes = 20

  package init() {}
}
