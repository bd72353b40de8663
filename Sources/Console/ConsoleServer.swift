import Foundation
import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Pipeline

/// The console over HTTP: takes requests apart, answers them off the event loops, and puts on every answer what
/// keeps a page from being used against its reader.
package struct ConsoleServer: Sendable {
  private static let cookie = "qingyuan"
  private static let languageCookie = "lang"
  /// Longest form: a correction carries every value of a record that the person may change.
  private static let longestForm = 1 << 20
  /// Longest address.
  private static let longestAddress = 8 * 1024
  /// Seconds within which a connection must have asked something, and between two questions.
  private static let idleSeconds: Int64 = 30
  /// Seconds within which a form must be here as a whole.
  private static let formSeconds: Int64 = 30
  /// Seconds within which a part of an answer must have been taken.
  private static let takingSeconds: Int64 = 30
  /// Connections at once; others wait until one of them is closed. A browser keeps six at most.
  private static let mostConnections = 512

  private let desk: ConsoleDesk
  private let host: String
  private let port: Int
  private let logger: Logger

  package init(_ desk: ConsoleDesk, host: String, port: Int, logger: Logger) {
    self.desk = desk
    self.host = host
    self.port = port
    self.logger = logger
  }

  /// Whether only this machine can reach an address.
  package static func isLoopback(_ host: String) -> Bool {
    host == "127.0.0.1" || host == "::1" || host == "localhost"
  }

  /// Runs until the process is asked to end.
  ///
  /// - Parameter onRunning: Called once with the port, which is chosen by the system if 0 was asked for.
  package func run(onRunning: @escaping @Sendable (Int) -> Void) async throws {
    var configuration = ApplicationConfiguration(
      address: .hostname(host, port: port), serverName: nil)
    configuration.backlog = 512
    configuration.availableConnectionsDelegate = .maximum(Self.mostConnections, logger: logger)
    let app = Application(
      responder: CallbackResponder<BasicRequestContext> { request, _ in
        try await answer(request)
      },
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [WriteDeadline(limit: .seconds(Self.takingSeconds))],
          idleTimeout: .seconds(Self.idleSeconds))),
      configuration: configuration,
      onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
    let watch = Task { await keepQueueFresh() }
    defer { watch.cancel() }
    try await app.runService()
  }

  /// After a publication the queue is made anew before somebody waits for it, behind the pages and the night.
  private func keepQueueFresh() async {
    while !Task.isCancelled {
      await Self.offLoop { [desk, logger] in
        do { try desk.refreshReport() } catch { logger.warning("no report: \(error)") }
      }
      await withCheckedContinuation { continuation in
        LowPriority.detach { [desk, logger] in
          do { try desk.refresh() } catch { logger.warning("the queue cannot be made: \(error)") }
          continuation.resume()
        }
      }
      try? await Task.sleep(for: .seconds(2))
    }
  }

  /// Only methods are told apart here; paths are known to the desk alone.
  private func answer(_ request: Request) async throws -> Response {
    switch request.method {
    case .get: return await respond(to: request)
    case .head: return await respond(to: request).createHeadResponse()
    case .post:
      do {
        guard let body = try await Self.form(of: request) else {
          return await respond(to: request, form: "", refusal: .slowForm)
        }
        return await respond(to: request, form: String(buffer: body))
      } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
        return await respond(to: request, form: "", refusal: .longForm)
      }
    default:
      var headers = Self.headers(type: "text/plain", caching: "no-store")
      headers[.allow] = "GET, HEAD, POST"
      return Response(status: .methodNotAllowed, headers: headers)
    }
  }

  /// - Returns: nil where it came too slowly.
  private static func form(of request: Request) async throws -> ByteBuffer? {
    let body = request.body
    return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
      group.addTask { try await body.collect(upTo: longestForm) }
      group.addTask {
        try await Task.sleep(for: .seconds(formSeconds))
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// - Parameter form: nil for a question.
  private func respond(
    to request: Request, form: String? = nil, refusal: Refusal? = nil
  ) async -> Response {
    let path = request.uri.path
    if form == nil, path == "/console.css" {
      return Response(
        status: .ok,
        headers: Self.headers(type: "text/css; charset=utf-8", caching: "private, max-age=600"),
        body: .init(byteBuffer: ByteBuffer(string: ConsoleStyle.sheet)))
    }
    let cookies = request.cookies
    let query = FormText.values(request.uri.query ?? "")
    let asked = query["lang"] ?? cookies[Self.languageCookie]?.value
    var question = ConsoleRequest(
      path: path, address: request.uri.string, query: query,
      token: cookies[Self.cookie]?.value, language: asked == "en" ? .english : .chinese)
    if let form {
      question.isForm = true
      question.form = FormText.values(form)
    }
    let ready = question
    let reason: Refusal? =
      if request.uri.string.utf8.count > Self.longestAddress {
        .longAddress
      } else if form != nil, Self.isForeign(request) {
        .foreignForm
      } else {
        refusal
      }
    let answer: @Sendable () -> ConsoleReply = { [desk] in
      reason?.reply(to: ready, desk) ?? desk.reply(to: ready)
    }
    let reply =
      ready.isSigningIn ? await Self.oneAfterTheOther(answer) : await Self.offLoop(answer)
    return response(reply, language: query["lang"], isEncrypted: Self.isEncrypted(request))
  }

  /// Whether a proxy before the console says that the browser asked it by TLS.
  private static func isEncrypted(_ request: Request) -> Bool {
    guard let name = HTTPFields.Element.Name("X-Forwarded-Proto") else { return false }
    return request.headers[name]?.lowercased() == "https"
  }

  /// What is refused whatever it asks for.
  private enum Refusal {
    case longAddress
    case foreignForm
    case longForm
    case slowForm

    func reply(to request: ConsoleRequest, _ desk: ConsoleDesk) -> ConsoleReply {
      let language = request.language
      return switch self {
      case .longAddress:
        desk.failure(
          414, request, nil, language.of("地址太长", "The address is too long"),
          language.of("请从页面上的链接进入。", "Use the links of the pages."))
      case .foreignForm:
        desk.failure(
          403, request, nil, language.of("表单来自其他网站", "The form is of another site"),
          language.of("什么都没有改变。", "Nothing was changed."))
      case .longForm:
        desk.failure(
          413, request, nil, language.of("表单内容太长", "The form is too long"),
          language.of("请缩短后重新提交。什么都没有改变。", "Shorten it and send it again. Nothing was changed."))
      case .slowForm:
        desk.failure(
          408, request, nil, language.of("表单没有传完", "The form did not come as a whole"),
          language.of("请重新提交。什么都没有改变。", "Send it again. Nothing was changed."))
      }
    }
  }

  /// Browsers say where a form was; what says nothing has no session of anybody's.
  private static func isForeign(_ request: Request) -> Bool {
    guard let name = HTTPFields.Element.Name("Sec-Fetch-Site"), let site = request.headers[name]
    else { return false }
    return site != "same-origin" && site != "none"
  }

  private func response(
    _ reply: ConsoleReply, language: String?, isEncrypted: Bool
  ) -> Response {
    var headers = Self.headers(type: reply.type, caching: "no-store")
    if let location = reply.location { headers[.location] = location }
    let secure = Self.isLoopback(host) && !isEncrypted ? "" : "; Secure"
    let guarded = "; Path=/; HttpOnly; SameSite=Strict\(secure)"
    switch reply.cookie {
    case .keep: break
    case .set(let token):
      headers.append(.init(name: .setCookie, value: "\(Self.cookie)=\(token)\(guarded)"))
    case .remove:
      headers.append(.init(name: .setCookie, value: "\(Self.cookie)=; Max-Age=0\(guarded)"))
    }
    if let language {
      let kept = language == "en" ? "en" : "zh"
      headers.append(
        .init(
          name: .setCookie, value: "\(Self.languageCookie)=\(kept); Max-Age=31536000\(guarded)"))
    }
    return Response(
      status: .init(code: reply.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(string: reply.body)))
  }

  private static func headers(type: String, caching: String) -> HTTPFields {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.cacheControl] = caching
    headers[.contentSecurityPolicy] =
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
      + "frame-ancestors 'none'; base-uri 'none'"
    headers[.xContentTypeOptions] = "nosniff"
    for (name, value) in [
      ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ] {
      if let name = HTTPFields.Element.Name(name) { headers[name] = value }
    }
    return headers
  }

  /// As many answers at once as the cores can make, and some that wait for the disk meanwhile. Threads of our own: a
  /// concurrent queue has one for each core, and notices only after a second that all of them wait.
  private static let workers = {
    let threads = NIOThreadPool(numberOfThreads: 8)
    threads.start()
    return threads
  }()

  /// A morning begins with everybody's password: one core is enough for that, and the pages have the others.
  private static let signIns = DispatchQueue(label: "sign-in")

  private static func oneAfterTheOther<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      signIns.async { continuation.resume(returning: body()) }
    }
  }

  private static func offLoop<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      workers.submit { _ in continuation.resume(returning: body()) }
    }
  }
}
