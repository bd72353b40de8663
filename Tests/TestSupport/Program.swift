import Foundation
import Glibc

/// What a program left behind.
package struct ProgramResult: Sendable {
  /// Exit code; minus the signal where one ended it.
  package var code: Int32
  package var output: [UInt8]
  package var errors: [UInt8]

  package var outputText: String { String(decoding: output, as: UTF8.self) }
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
  package var outputLines: [String] {
    outputText.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }
}

/// A program that cannot be started.
package struct ProgramError: Error, CustomStringConvertible {
  package var description: String
}

/// A running program whose output goes to files, so that it never waits for a reader.
package final class Program: Sendable {
  package let processID: pid_t
  private let folder: TemporaryFolder

  /// - Parameters:
  ///   - path: The executable.
  ///   - folder: Where it runs; the repository if not given.
  ///   - input: Its standard input.
  package init(
    _ path: String, _ arguments: [String], in folder: String = Repository.root,
    input: [UInt8] = []
  ) throws {
    self.folder = try TemporaryFolder("program")
    try self.folder.write("in", input)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let write = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, self.folder + "in", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, self.folder + "out", write, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, self.folder + "err", write, 0o600)
    // `env` changes the folder and becomes the program, under the same process number.
    let command = ["/usr/bin/env", "-C", folder, path] + arguments
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let failure = posix_spawn(&process, command[0], &actions, nil, &words, environ)
    guard failure == 0 else {
      throw ProgramError(description: "\(path): \(String(cString: strerror(failure)))")
    }
    processID = process
  }

  /// Ends the program as a power cut would; nothing of it runs any more.
  package func kill() { Glibc.kill(processID, SIGKILL) }

  /// Waits for its end. To be called once.
  package func wait() throws -> ProgramResult {
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0 {
      guard errno == EINTR else { throw ProgramError(description: "waiting for \(processID)") }
    }
    let signal = status & 0x7F
    return ProgramResult(
      code: signal == 0 ? (status >> 8) & 0xFF : -signal, output: try Files.bytes(folder + "out"),
      errors: try Files.bytes(folder + "err"))
  }

  /// What it has written to standard error so far.
  package var errorsSoFar: String { (try? Files.text(folder + "err")) ?? "" }
}

/// The command line program that was built with the tests.
package enum QingyuanProgram {
  /// Beside the tests' own executable; `QINGYUAN` names another one.
  package static let path: String = {
    if let path = ProcessInfo.processInfo.environment["QINGYUAN"] { return path }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let candidates =
      [CommandLine.arguments[0], own].map {
        ($0 as NSString).deletingLastPathComponent + "/qingyuan"
      } + [Repository.root + "/.build/debug/qingyuan"]
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "qingyuan"
  }()

  package static func start(_ arguments: [String], input: [UInt8] = []) throws -> Program {
    try Program(path, arguments, input: input)
  }

  package static func run(_ arguments: String..., input: [UInt8] = []) throws -> ProgramResult {
    try start(arguments, input: input).wait()
  }

  package static func run(_ arguments: [String], input: [UInt8] = []) throws -> ProgramResult {
    try start(arguments, input: input).wait()
  }
}
