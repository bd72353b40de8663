import Foundation
import Glibc
import TestSupport
import Testing
import Warehouse

@Suite("Files")
struct PosixFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("files") }

  @Test func `names are sorted, without the folder itself and the one above`() throws {
    for name in ["b", "a", ".hidden", "文件"] { try folder.write(name, [1]) }
    #expect(try PosixFile.names(in: folder.path) == [".hidden", "a", "b", "文件"])
  }

  @Test func `what is no folder has no names`() throws {
    try folder.write("file", [1])
    #expect(try PosixFile.names(in: folder + "nowhere") == nil)
    #expect(try PosixFile.names(in: folder + "file") == nil)
  }

  @Test func `a tree goes with everything in it, and links are not followed`() throws {
    try folder.write("kept/file", [1])
    try folder.write("tree/deep/file", [1])
    try FileManager.default.createSymbolicLink(
      atPath: folder + "tree/link", withDestinationPath: folder + "kept")
    try PosixFile.removeTree(folder + "tree")
    try PosixFile.removeTree(folder + "tree")
    #expect(!PosixFile.exists(folder + "tree"))
    #expect(PosixFile.exists(folder + "kept/file"))
  }

  @Test func `new content takes the place of the old, whatever an earlier attempt left`() throws {
    let path = folder + "page"
    try folder.write("page", [1, 2, 3])
    try folder.write("page.new", [9])
    try PosixFile.replace(path, with: [4], mode: 0o600)
    #expect(try Files.bytes(path) == [4])
    #expect(try PosixFile.names(in: folder.path) == ["page"])
  }

  @Test func `folders are made with their parents and keep the rights that they have`() throws {
    let path = folder + "a/b/c"
    try PosixFile.makeFolder(path, mode: 0o750)
    try PosixFile.makeFolder(path, mode: 0o700)
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o750 & ~currentMask)
  }

  private var currentMask: mode_t {
    let mask = umask(0)
    umask(mask)
    return mask
  }
}
