import Foundation
import TestSupport
import Testing

/// `bytes` in a gzip member, as `gzip` makes it.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let result = try Program("/bin/gzip", ["-cn"], input: bytes).wait()
  try #require(result.code == 0, "\(result.errorText)")
  return result.output
}

/// `bytes` as the entry `name` of a zip archive.
func zip(_ name: String, _ bytes: [UInt8]) throws -> [UInt8] {
  let script = """
    import io, sys, zipfile
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w', zipfile.ZIP_DEFLATED) as file:
        file.writestr(sys.argv[1], sys.stdin.buffer.read())
    sys.stdout.buffer.write(archive.getvalue())
    """
  let result = try Program("/usr/bin/env", ["python3", "-c", script, name], input: bytes).wait()
  try #require(result.code == 0, "\(result.errorText)")
  return result.output
}

func permissions(of path: String) throws -> Int {
  let attributes = try FileManager.default.attributesOfItem(atPath: path)
  return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
}
