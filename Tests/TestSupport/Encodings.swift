import Glibc

/// The bytes of `text` in GB18030, by the C library's own tables and not by the product's.
///
/// Traps: on a machine whose C library lacks GB18030.
package func gb18030(_ text: String) -> [UInt8] { converted(Array(text.utf8), "UTF-8", "GB18030") }

/// The text that GB18030 `bytes` stand for, by the C library's own tables.
package func text(gb18030 bytes: [UInt8]) -> String {
  String(decoding: converted(bytes, "GB18030", "UTF-8"), as: UTF8.self)
}

/// Bytes of `text` in UTF-8, read by somebody as GB18030 and saved as UTF-8: 锟斤拷 and the like.
package func mojibake(_ text: String) -> [UInt8] {
  converted(Array(text.utf8), "GB18030", "UTF-8")
}

private func converted(_ bytes: [UInt8], _ from: String, _ to: String) -> [UInt8] {
  guard let converter = iconv_open(to, from), converter != iconv_t(bitPattern: -1) else {
    preconditionFailure("the C library does not know \(from) or \(to)")
  }
  defer { iconv_close(converter) }
  var input = bytes.map { CChar(bitPattern: $0) }
  var output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
  var inputLeft = input.count
  var outputLeft = output.count
  input.withUnsafeMutableBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      var from = source.baseAddress
      var to = target.baseAddress
      while inputLeft > 0 {
        _ = iconv(converter, &from, &inputLeft, &to, &outputLeft)
        guard inputLeft > 0 else { break }
        // A byte that means nothing there is left out.
        from = from.map { $0 + 1 }
        inputLeft -= 1
      }
    }
  }
  return output.prefix(output.count - outputLeft).map { UInt8(bitPattern: $0) }
}
