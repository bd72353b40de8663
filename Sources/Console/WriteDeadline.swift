import NIOCore

/// Closes a connection whose other side does not take what it asked for: it would keep its place, and enough of
/// them all places.
final class WriteDeadline: ChannelOutboundHandler, RemovableChannelHandler {
  // What is written is passed on as it is.
  typealias OutboundIn = NIOAny
  typealias OutboundOut = NIOAny

  private let limit: TimeAmount
  private var waiting = 0
  private var deadline: Scheduled<Void>?

  /// - Parameter limit: From one part of an answer that was taken to the next.
  init(limit: TimeAmount) { self.limit = limit }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    waiting += 1
    if deadline == nil { begin(context) }
    promise.futureResult.assumeIsolated().whenComplete { _ in
      self.waiting -= 1
      self.deadline?.cancel()
      self.deadline = nil
      if self.waiting > 0 { self.begin(context) }
    }
    context.write(data, promise: promise)
  }

  private func begin(_ context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
      context.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
  }
}
