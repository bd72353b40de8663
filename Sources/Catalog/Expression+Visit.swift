extension Expression.Node {
  /// Calls `body` for this node and everything below it, parents first.
  package func visit(_ body: (Self) -> Void) {
    body(self)
    for child in children { child.visit(body) }
  }
}
