import Foundation

/// Whole outputs that are kept in `Tests/Golden`, one file per case.
package enum Golden {
  /// What differs between `bytes` and the file kept under `name`; nil if nothing does.
  ///
  /// With `RECORD_SNAPSHOTS=1` in the environment the file is written anew, and that is a difference,
  /// so that a run that records never passes.
  package static func difference(_ bytes: [UInt8], from name: String) throws -> String? {
    let path = Repository.root + "/Tests/Golden/" + name
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      return "recorded \(name); look at it and run again"
    }
    guard Files.exists(path) else { return "there is no \(path)" }
    let expected = try Files.bytes(path)
    guard expected != bytes else { return nil }
    let place = zip(expected, bytes).enumerated().first { $0.1.0 != $0.1.1 }?.0
    return
      "\(name): \(expected.count) bytes expected, \(bytes.count) found, the first difference at "
      + "byte \(place ?? min(expected.count, bytes.count))"
  }
}
