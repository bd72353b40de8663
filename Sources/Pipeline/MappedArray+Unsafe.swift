import Glibc

/// An array in a nameless temporary file, mapped into memory: what grows with the night lives here and
/// not in the process's own memory, and the kernel may write it out at any time.
///
/// One owner; not safe to share between tasks that write.
@safe
final class MappedArray<Element: BitwiseCopyable> {
  private var base: UnsafeMutablePointer<Element>?
  private var capacity = 0
  private(set) var count = 0
  private let descriptor: Int32

  /// - Parameters:
  ///   - folder: Where the temporary file lives; it is unlinked at once.
  ///   - count: Elements of `value` to begin with.
  init(folder: String, repeating value: Element? = nil, count: Int = 0) throws(PipelineError) {
    var template = Array("\(folder)/.spool-XXXXXX".utf8CString)
    descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else {
      throw PipelineError(.environment, "cannot create a temporary file in \(folder)", errno)
    }
    unsafe unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    guard let value, count > 0 else { return }
    try reserve(count)
    guard let base = unsafe base else { return }
    unsafe base.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit {
    if let base = unsafe base {
      unsafe munmap(base, capacity * MemoryLayout<Element>.stride)
    }
    close(descriptor)
  }

  func append(_ element: Element) throws(PipelineError) {
    if count == capacity { try reserve(max(4096, capacity * 2)) }
    guard let base = unsafe base else { return }
    unsafe base[count] = element
    count += 1
  }

  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "index out of range")
      guard let base = unsafe base else { preconditionFailure("empty") }
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index out of range")
      guard let base = unsafe base else { preconditionFailure("empty") }
      unsafe base[index] = newValue
    }
  }

  func withSpan<R, E: Error>(_ body: (Span<Element>) throws(E) -> R) throws(E) -> R {
    let buffer = unsafe UnsafeBufferPointer(start: base, count: count)
    return try body(unsafe Span(_unsafeElements: buffer))
  }

  func withMutableSpan<R, E: Error>(
    _ body: (inout MutableSpan<Element>) throws(E) -> R
  ) throws(E) -> R {
    let buffer = unsafe UnsafeMutableBufferPointer(start: base, count: count)
    var span = unsafe MutableSpan(_unsafeElements: buffer)
    return try body(&span)
  }

  private func reserve(_ wanted: Int) throws(PipelineError) {
    let size = wanted * MemoryLayout<Element>.stride
    guard posix_fallocate(descriptor, 0, size) == 0 else {
      throw PipelineError(.environment, "no space for \(size) bytes of temporary data", ENOSPC)
    }
    if let old = unsafe base {
      unsafe munmap(old, capacity * MemoryLayout<Element>.stride)
    }
    let mapped = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      unsafe base = nil
      throw PipelineError(.environment, "cannot map \(size) bytes of temporary data", errno)
    }
    unsafe base = mapped.bindMemory(to: Element.self, capacity: wanted)
    capacity = wanted
  }
}
