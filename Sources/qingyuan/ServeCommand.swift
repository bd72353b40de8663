import Access
import AccessStore
import ArgumentParser
import Catalog
import Console
import Dispatch
import Foundation
import Logging
import Pipeline
import PipelineDefinition
import Review
import SourceFiles

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "The stewards' console: what the night rejected and why, in a browser.",
    discussion: """
      People sign in with accounts of `qingyuan user`; a person sees the systems that are theirs, values \
      masked to their clearance, and every record that is opened stands in the access log. A running night \
      is not disturbed. The console is for this machine alone unless --address says otherwise; put a \
      proxy with TLS before it then, since its cookies ask for it.

      Ends with SIGINT or SIGTERM. Exit 0 then; 2 error in the definitions, 3 no warehouse or the address \
      is in use, 64 wrong usage.
      """)

  @Option(help: "Host and port; port 0 takes a free one and prints it.")
  var address = "127.0.0.1:8765"

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    Terminal.outliveReaders()
    let (host, port) = try Self.parts(address)
    try home.requireWarehouse()
    let (catalog, settings, definitions) = try pipeline.load()
    let folder = home.folder
    let configuration = RunConfiguration(settings)
    let accounts = try AccountStore(folder: folder.access)
    if try accounts.accounts().isEmpty {
      Terminal.note("nobody can sign in yet; make an account with qingyuan user add")
    }
    let records = try RecordDesk(
      catalog, configuration, archive: folder.archive,
      files: FileDeliveryReader(limits: ReadingLimits(settings)),
      secret: try MaskSecret.loadOrMake(folder: folder.access).bytes)
    let limits = ReadingLimits(settings)
    let acts = ActDesk(
      try ActStore(folder: folder.access), accounts, records, home: folder, catalog, configuration,
      reader: FileDeliveryReader(limits: limits), writer: FileReturnWriter(limits: limits),
      definitions: DefinitionFolder(path: pipeline.pipelines))
    try acts.settle(
      by: try Person(user: NSUserName(), department: ReaderOptions.unnamed),
      now: Int64(Date().timeIntervalSince1970))
    let desk = ConsoleDesk(
      home: folder, catalog, configuration, records, accounts, acts,
      RuleBook(
        catalog, files: definitions.workedCases, checks: try RaisingCheck.all(catalog)),
      try IncidentStore(folder: folder.access),
      RuleTrials(home: folder, catalog, configuration, reader: FileDeliveryReader(limits: limits)),
      clock: { Int64(Date().timeIntervalSince1970) })
    // Whoever comes first should not wait for it.
    try desk.refresh()
    var logger = Logger(label: "qingyuan")
    logger.logLevel = .warning
    let server = ConsoleServer(desk, host: host, port: port, logger: logger)
    try Self.wait {
      try await server.run(onRunning: { port in
        Terminal.note("console on http://\(host.contains(":") ? "[\(host)]" : host):\(port)/")
      })
    }
  }

  /// `127.0.0.1:8765`, `[::1]:8765`.
  private static func parts(_ address: String) throws -> (String, Int) {
    guard let colon = address.lastIndex(of: ":"),
      let port = Int(address[address.index(after: colon)...]), (0...65535).contains(port)
    else {
      throw CommandFailure(
        CommandFailure.usage, "--address \(address) is not HOST:PORT; write it as 127.0.0.1:8765")
    }
    let host = address[..<colon].trimmingPrefix("[")
    let name = host.hasSuffix("]") ? host.dropLast() : host
    guard !name.isEmpty else {
      throw CommandFailure(CommandFailure.usage, "--address \(address) names no host")
    }
    return (String(name), port)
  }

  /// Waits on the main thread for what runs on others.
  private static func wait(_ body: @escaping @Sendable () async throws -> Void) throws {
    let end = DispatchSemaphore(value: 0)
    let failure = Failure()
    Task.detached {
      do { try await body() } catch { failure.message = "\(error)" }
      end.signal()
    }
    end.wait()
    if let message = failure.message {
      throw CommandFailure(CommandFailure.environment, "the console ended: \(message)")
    }
  }

  /// Written before the semaphore is signalled, read after.
  private final class Failure: @unchecked Sendable {
    var message: String?
  }
}
