package import Access
package import Pipeline
package import Warehouse

/// What people decide beside records, as the access log names it.
extension HoldDesk.Decision {
  package var action: AccessAction { AccessAction(rawValue: "delivery-\(rawValue)") }
}

extension SubjectAct.Kind {
  package var action: AccessAction { AccessAction(rawValue: "subject-\(rawValue)") }
}
