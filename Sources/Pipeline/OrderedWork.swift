import Dispatch
import Glibc
import Records
import Synchronization

/// Works on several slots at once and settles them one after the other, in the order in which they were
/// filled: what comes out is the same for any number of cores.
///
/// One thread fills slots (it reads), one worker for each core works on them, and one settles (it writes).
///
/// Unchecked: a slot belongs to one of the three at a time; semaphores hand it on.
package final class OrderedWork<Slot: AnyObject>: @unchecked Sendable {
  private let slots: [Slot]
  /// Signalled when the slot of the same place has been worked on.
  private let ready: [DispatchSemaphore]
  private let workers: [DispatchQueue]
  private let settler = DispatchQueue(label: "settle")
  private let free = DispatchSemaphore(value: 0)
  private let work: (Slot) throws -> Void
  private let settle: (Slot) throws -> Void
  private let failure = Mutex<(any Error)?>(nil)
  private var filledCount = 0

  /// Processors of this machine.
  package static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// - Parameters:
  ///   - slots: Enough for the cores to be busy, few enough for memory to be small.
  ///   - work: Called on several threads at once, each with another slot.
  ///   - settle: Called for one slot at a time, in order.
  package init(
    slots: [Slot], work: @escaping (Slot) throws -> Void, settle: @escaping (Slot) throws -> Void
  ) {
    self.slots = slots
    ready = slots.map { _ in DispatchSemaphore(value: 0) }
    workers = (0..<Self.coreCount).map { DispatchQueue(label: "work-\($0)") }
    self.work = work
    self.settle = settle
    // A semaphore must not be released below its first value; so it begins with none.
    for _ in slots { free.signal() }
  }

  /// Waits for a slot to be free and hands it on once `fill` has filled it.
  ///
  /// - Throws: What an earlier slot threw.
  package func submit(_ fill: (Slot) -> Void) throws {
    free.wait()
    let place = filledCount % slots.count
    if let error = failure.withLock({ $0 }) {
      free.signal()
      throw error
    }
    fill(slots[place])
    let worker = workers[filledCount % workers.count]
    filledCount += 1
    worker.async { [self] in
      attempt { try work(slots[place]) }
      ready[place].signal()
    }
    settler.async { [self] in
      ready[place].wait()
      attempt { try settle(slots[place]) }
      free.signal()
    }
  }

  /// Runs `fill`, which submits, and waits until every slot is settled, also if it throws: nothing may still be
  /// at work when the caller tidies up.
  ///
  /// - Throws: What `fill` throws, or else the first error of any slot.
  package func finish(after fill: () throws -> Void) throws {
    do {
      try fill()
    } catch {
      try? finish()
      throw error
    }
    try finish()
  }

  /// Waits until every slot is settled.
  ///
  /// - Throws: The first error of any slot.
  package func finish() throws {
    for _ in slots { free.wait() }
    for _ in slots { free.signal() }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// After an error nothing more is worked on or settled.
  private func attempt(_ body: () throws -> Void) {
    guard failure.withLock({ $0 == nil }) else { return }
    do {
      try body()
    } catch {
      failure.withLock { if $0 == nil { $0 = error } }
    }
  }
}

extension RecordChunk {
  /// Takes the content of `other`, which goes on with this chunk's empty room of the same form.
  mutating func exchange(with other: inout RecordChunk) {
    if columnCount != other.columnCount || stride != other.stride || byteLimit != other.byteLimit
      || children.map(\.columnCount) != other.children.map(\.columnCount)
    {
      self = RecordChunk(
        columnCount: other.columnCount, stride: other.stride, byteLimit: other.byteLimit)
      children = other.children.map { ChildRows(columnCount: $0.columnCount) }
    }
    swap(&self, &other)
  }
}
