import Foundation
import Testing

@testable import SourceFiles

/// A folder that is removed with the test that made it.
final class ScratchFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "qingyuan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }
}

/// Runs a program on `input` and returns what it wrote; nil if the program is not there.
func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8]? {
  let folder = try ScratchFolder()
  let inputPath = try folder.write("in", input)
  let outputPath = try folder.write("out", [])
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = arguments
  process.standardInput = try FileHandle(forReadingFrom: URL(filePath: inputPath))
  let output = try FileHandle(forWritingTo: URL(filePath: outputPath))
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  try output.close()
  guard process.terminationStatus != 127 else { return nil }
  return Array(try Data(contentsOf: URL(filePath: outputPath)))
}

/// Runs a Python script on `input`.
func python(_ script: String, input: [UInt8] = []) throws -> [UInt8] {
  try #require(try run(["python3", "-c", script], input: input), "python3 is needed")
}

/// Everything that `path` contains after decompression.
func readAll(_ path: String, entry: String? = nil, limits: DecompressionLimits = .init()) throws
  -> [UInt8]
{
  var source = try ByteSource(path: path, entry: entry, limits: limits)
  var all: [UInt8] = []
  var block: [UInt8] = []
  while try source.read(into: &block) {
    #expect(block.count <= ByteSource.blockBytes)
    all += block
  }
  return all
}
