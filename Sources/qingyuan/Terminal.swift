import CStandardOutput
import Foundation
import Glibc

/// Writing to people: plain text, colors only where a person looks.
enum Terminal {
  static let isInteractive =
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

  static func error(_ message: String) { writeError("qingyuan: \(message)\n") }

  static func note(_ message: String) { writeError(message + "\n") }

  /// Nothing stops because nobody reads what it says of itself: a full disk behind standard error, a closed pipe.
  static func writeError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Results, by the same buffer as `print`; whether all of them could be written, ``finishOutput()`` says.
  static func write(_ text: String) { print(text, terminator: "") }

  static func write(_ utf8: [UInt8]) { write(String(decoding: utf8, as: UTF8.self)) }

  /// Writes out what is left of the results.
  ///
  /// - Returns: What is wrong, if not all of them have arrived.
  static func finishOutput() -> CommandFailure? {
    let failure = qy_finish_output()
    guard failure != 0 else { return nil }
    let reason = failure > 0 ? unsafe ": \(String(cString: strerror(failure)))" : ""
    return CommandFailure(
      CommandFailure.environment, "not all results could be written to standard output\(reason)")
  }

  /// A night and a console go on when whoever read their output has gone; commands that print results end then.
  static func outliveReaders() { signal(SIGPIPE, SIG_IGN) }

  /// A bold or colored text, where standard output is a terminal.
  static func styled(_ text: String, _ code: String) -> String {
    outputIsTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
      ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// Columns that a text takes: two for a Chinese character.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
        sum + 2
      default: sum + 1
      }
    }
  }

  static func padded(_ text: String, _ columns: Int, right: Bool = false) -> String {
    let fill = String(repeating: " ", count: max(0, columns - width(text)))
    return right ? fill + text : text + fill
  }

  /// `1 234 567`.
  static func grouped(_ number: Int) -> String {
    let digits = String(abs(number))
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return (number < 0 ? "-" : "") + result
  }

  /// `98.31 %`, rounded down so that a missed target never looks met.
  static func percent(_ share: Double?) -> String {
    guard let share else { return "–" }
    let hundredths = Int((share * 10_000 + 1e-7).rounded(.down))
    let digits = String(hundredths % 100)
    return "\(hundredths / 100).\(digits.count == 1 ? "0" + digits : digits) %"
  }
}
