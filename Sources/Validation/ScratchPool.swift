import Synchronization

/// Buffers of evaluations, kept between chunks; one validator may be used on several cores at once.
final class ScratchPool: Sendable {
  private struct Buffers {
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
  }

  private let free = Mutex<[Buffers]>([])

  func withScratch(_ body: (inout ExpressionScratch, inout [Truth]) throws -> Void) rethrows {
    var buffers = free.withLock { $0.popLast() } ?? Buffers()
    defer { free.withLock { $0.append(buffers) } }
    try body(&buffers.scratch, &buffers.truths)
  }
}
