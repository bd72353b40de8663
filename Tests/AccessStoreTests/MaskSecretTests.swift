import AccessStore
import Foundation
import Testing

@Suite struct MaskSecretTests {
  @Test func nothingIsMadeByThoseWhoOnlyLook() throws {
    let home = try LogFolder()
    #expect(try MaskSecret.load(folder: home.path) == nil)
    #expect(!FileManager.default.fileExists(atPath: home.path + "/mask.secret"))
  }

  @Test func itIsMadeOnceForItsOwnerOnly() throws {
    let home = try LogFolder()
    let made = try MaskSecret.loadOrMake(folder: home.path)
    #expect(made.bytes.count == 32)
    #expect(Set(made.bytes).count > 8)
    #expect(try MaskSecret.loadOrMake(folder: home.path).bytes == made.bytes)
    #expect(try MaskSecret.load(folder: home.path)?.bytes == made.bytes)
    let path = home.path + "/mask.secret"
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["mask.secret"])
    #expect(try MaskSecret.loadOrMake(folder: LogFolder().path).bytes != made.bytes)
  }

  @Test func manyAtOnceGetTheSame() async throws {
    let home = try LogFolder()
    let folder = home.path
    let secrets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<8 { group.addTask { try MaskSecret.loadOrMake(folder: folder).bytes } }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(secrets.count == 1)
    withExtendedLifetime(home) {}
  }

  @Test func aDamagedOneIsNeverReplaced() throws {
    let home = try LogFolder()
    let path = home.path + "/mask.secret"
    try FileManager.default.createDirectory(
      atPath: home.path, withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
    #expect(throws: AccessLogError.self) { try MaskSecret.loadOrMake(folder: home.path) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
  }

  @Test func keysOfDifferentUsesDiffer() throws {
    let home = try LogFolder()
    let secret = try MaskSecret.loadOrMake(folder: home.path)
    #expect(secret.key(for: "a") == secret.key(for: "a"))
    #expect(secret.key(for: "a") != secret.key(for: "b"))
    #expect(secret.key(for: "a") != secret.bytes)
  }
}
