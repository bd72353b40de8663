package import Catalog

/// What a department may read, as approved.
package struct Grant: Sendable, Hashable {
  /// `G000001`, with the number of its request.
  package var id: String
  package var request: ShareRequest
  /// Conditions of use that the grant was given under.
  package var terms: String
  package var granted: Int64
  package var revoked: Int64?

  package init(
    id: String, request: ShareRequest, terms: String, granted: Int64, revoked: Int64? = nil
  ) {
    self.id = id
    self.request = request
    self.terms = terms
    self.granted = granted
    self.revoked = revoked
  }

  package var department: String { request.requester.department }
  package var category: String { request.category }
  package var elements: [String] { request.elements }
  package var tier: SharingTier { request.sharingTier }

  /// From the later of the period's begin and the grant.
  package var period: AccessPeriod {
    AccessPeriod(
      firstSecond: max(request.period.firstSecond, granted), lastSecond: request.period.lastSecond)
  }

  /// Whether the grant is honoured at `now`, to be asked for every single access.
  ///
  /// True from the first second of the period to the end of its last one. A revoked grant is never
  /// honoured again, whatever the caller's clock says.
  ///
  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  package func isActive(at now: Int64) -> Bool { revoked == nil && period.contains(now) }
}
