import Foundation
import Glibc

/// What a server said.
package struct WebReply: Sendable {
  package var status: Int
  /// Names in lower case; one that comes several times has its values joined by line feeds.
  package var headers: [String: String]
  package var body: String
}

package struct WebError: Error, CustomStringConvertible {
  package var description: String

  package init(description: String) { self.description = description }
}

/// Asks a server on this machine, one connection for each question; knows nothing of redirects or cookies, so
/// that tests see them.
package struct WebClient: Sendable {
  package let port: Int
  /// Seconds after which a silent server is an error.
  private let patience: Int

  package init(port: Int, patience: Int = 60) {
    self.port = port
    self.patience = patience
  }

  package func get(_ path: String, headers: [String: String] = [:]) throws -> WebReply {
    try send("GET", path, headers, "")
  }

  package func post(_ path: String, _ body: String, headers: [String: String] = [:]) throws
    -> WebReply
  {
    try send("POST", path, headers, body)
  }

  package func send(
    _ method: String, _ path: String, _ headers: [String: String], _ body: String
  ) throws -> WebReply {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if method != "GET" || !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
    return try Self.reply(try exchange(Array((text + "\r\n" + body).utf8)))
  }

  /// Sends bytes as they are and reads until the server closes.
  package func exchange(_ bytes: [UInt8]) throws -> [UInt8] {
    let connection = try WebConnection(port: port, patience: patience)
    connection.send(bytes)
    var received: [UInt8] = []
    while !Self.isComplete(received), let piece = connection.receive(), !piece.isEmpty {
      received += piece
    }
    return received
  }

  /// Servers of drivers keep connections whatever they are asked.
  private static func isComplete(_ bytes: [UInt8]) -> Bool {
    guard let end = headEnd(bytes) else { return false }
    let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
    guard
      let line = head.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
      let length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
    else { return false }
    return bytes.count >= end + length
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...bytes.count - 4
    where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
      && bytes[index + 3] == 10
    {
      return index + 4
    }
    return nil
  }

  private static func reply(_ bytes: [UInt8]) throws -> WebReply {
    guard let end = headEnd(bytes) else {
      throw WebError(description: "\(bytes.count) bytes are no answer")
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let parts = lines[0].split(separator: " ")
    guard parts.count > 1, let status = Int(parts[1]) else {
      throw WebError(description: "no status in \(lines[0])")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[..<colon].lowercased()
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers[name] = headers[name].map { $0 + "\n" + value } ?? value
    }
    return WebReply(
      status: status, headers: headers, body: String(decoding: bytes[end...], as: UTF8.self))
  }
}

/// A connection to a server on this machine, open as long as this lives.
package final class WebConnection {
  private let socket: Int32

  /// - Parameters:
  ///   - patience: Seconds that ``receive()`` waits.
  ///   - room: Bytes that the system takes before somebody receives them; as it likes if not given.
  package init(port: Int, patience: Int = 60, room: Int32? = nil) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw WebError(description: "no socket") }
    var wait = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    if var room {
      setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      throw WebError(
        description: "cannot connect to port \(port): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(socket) }

  /// Sends until the server hears no more: it may refuse before it has heard everything, and what it says is
  /// what counts.
  package func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      sent += count
    }
  }

  /// - Returns: Some bytes; none where the server has closed; nil where it was silent for too long.
  package func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(socket, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN { return nil }
    return Array(buffer[..<max(0, count)])
  }
}
