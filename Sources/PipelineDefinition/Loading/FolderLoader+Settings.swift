import Records

extension FolderLoader {
  mutating func loadSettings(_ file: LoadedFile) {
    let fields = file.fields
    _ = (fields.requiredText("name"), fields.requiredText("english"), origin(fields))
    var settings = RunSettings()
    loadThresholds(fields, &settings.thresholds)
    loadGate(fields, &settings.gate)
    // Both are added to a night, and the calendar must reach the end.
    count(fields, "pending-workdays", &settings.pendingWorkdays, most: 250)
    count(fields, "return-workdays", &settings.returnWorkdays, most: 250)
    count(fields, "free-space-gigabytes", &settings.freeSpaceGigabytes)
    count(fields, "stable-seconds", &settings.stableSeconds, most: 86_400)
    _ = timeZone(fields)
    loadSizes(fields, &settings)
    loadRetention(fields, &settings.retention)
    settings.roles = roles(fields)
    definitions.settings = settings
    fields.finish()
  }

  private func loadThresholds(_ fields: Fields, _ thresholds: inout RunSettings.Thresholds) {
    if let map = fields.map("thresholds") {
      share(map, "attainment", &thresholds.attainment)
      share(map, "core-accuracy", &thresholds.coreAccuracy)
      map.finish()
    }
  }

  /// What a delivery must keep to, in `nightly.yaml` or the file of an adapter.
  ///
  /// - Parameter gate: Keeps what the file does not say.
  func loadGate(_ fields: Fields, _ gate: inout RunSettings.Gate) {
    guard let map = fields.map("gate") else { return }
    share(map, "returned-share", &gate.returnedShare)
    count(map, "minimum-records", &gate.minimumJudged)
    share(map, "mojibake-share", &gate.mojibakeLimit)
    count(map, "mojibake-characters", &gate.minimumMojibake)
    map.finish()
  }

  private func loadSizes(_ fields: Fields, _ settings: inout RunSettings) {
    if let map = fields.map("chunk") {
      count(map, "records", &settings.chunk.records, most: RecordChunk.maximumRecords)
      count(
        map, "kibibytes", &settings.chunk.bytes, unit: 1 << 10,
        most: RecordChunk.maximumBytes >> 10)
      map.finish()
    }
    if let map = fields.map("limits") {
      count(
        map, "record-mebibytes", &settings.limits.recordBytes, unit: 1 << 20, most: 1024)
      count(map, "fields", &settings.limits.fields, most: 65_536)
      count(map, "nesting", &settings.limits.nesting)
      count(map, "decompression-ratio", &settings.limits.decompressionRatio)
      count(map, "xml-expansion-megabytes", &settings.limits.xmlExpansionBytes, unit: 1_000_000)
      map.finish()
    }
  }

  private func loadRetention(_ fields: Fields, _ retention: inout RunSettings.Retention) {
    guard let map = fields.map("retention") else { return }
    count(map, "archive-days", &retention.archiveDays)
    count(map, "returns-days", &retention.returnsDays)
    map.finish()
  }

  private mutating func roles(_ fields: Fields) -> RunSettings.Roles {
    var roles = RunSettings.Roles()
    guard let map = fields.map("roles") else { return roles }
    let names: [(String, WritableKeyPath<RunSettings.Roles, String?>)] = [
      ("record-identifier", \.recordIdentifier), ("update-time", \.updateTime),
      ("batch", \.batch), ("agency", \.agency), ("system", \.system),
      ("operation", \.operation), ("deletion-code", \.deletionCode), ("secrecy", \.secrecy),
    ]
    for (key, path) in names {
      roles[keyPath: path] = map.text(key)
      if map.has(key) {
        definitions.places.record(DefinitionPath("roles", key), map.place(key))
      }
    }
    roles.secretCodes = map.texts("secret-codes")
    definitions.places.record(DefinitionPath("roles", "secret-codes"), map.place("secret-codes"))
    map.finish()
    return roles
  }

  // MARK: Values, plain or explained

  /// A value, or a mapping of `value`, `name`, `english` and `origin`.
  private func explained(_ fields: Fields, _ key: String) -> (Fields, String)? {
    guard let node = fields.node(key) else { return nil }
    guard case .map = node.content else { return (fields, key) }
    guard let map = fields.map(key) else { return nil }
    _ = (map.requiredText("name"), map.requiredText("english"), origin(map))
    let isGiven = map.required("value") != nil
    map.finish()
    return isGiven ? (map, "value") : nil
  }

  /// - Parameter most: The largest value, in units.
  func count(
    _ fields: Fields, _ key: String, _ result: inout Int, unit: Int = 1,
    most: Int = 1_000_000_000
  ) {
    guard let (map, name) = explained(fields, key), let value = map.integer(name) else { return }
    guard value >= 1, value <= most else {
      log.report(
        .outOfRange, at: map.place(name),
        "\(fields.what): \"\(key)\" is \(value), expected 1 to \(most)")
      return
    }
    result = value * unit
  }

  private func share(_ fields: Fields, _ key: String, _ result: inout Double) {
    guard let (map, name) = explained(fields, key), let value = map.decimal(name) else { return }
    guard value >= 0, value <= 1 else {
      log.report(
        .outOfRange, at: map.place(name), "\(fields.what): \"\(key)\" is \(value), expected 0 to 1")
      return
    }
    result = value
  }
}
