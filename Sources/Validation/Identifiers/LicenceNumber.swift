import Standardization

/// 许可证编号, whose form depends on the type of licence.
///
/// - Source: facts §2. Forms without a check digit are from memory: by type they only warn.
package enum LicenceNumber {
  /// Judges the raw value by the context's licence type; not applicable where no form is known.
  package static func check(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    guard let type = context.licenceType else { return .notApplicable }
    switch type {
    case 1: return FoodBusinessLicence.check(value)
    case 2: return FoodProductionLicence.check(value)
    case 7: return PollutantPermit.check(value)
    default: break
    }
    guard case .invalid(let reason) = check(value, types: [type], context) else {
      return context.licencePatterns.patterns(forType: type).isEmpty ? .notApplicable : .valid
    }
    return .warning(reason)
  }

  /// Judges the raw value by the patterns of some licence types.
  static func check(
    _ value: Span<UInt8>, types: [Int], _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    var hasPattern = false
    for type in types {
      for pattern in context.licencePatterns.patterns(forType: type) {
        if pattern.matches(value) { return .valid }
        hasPattern = true
      }
    }
    return hasPattern ? .invalid(reason(value)) : .notApplicable
  }

  private static func reason(_ value: Span<UInt8>) -> IdentifierReason {
    if isScientificNotation(value) { return .scientificNotation }
    for index in value.indices {
      if isLowercaseByte(value[index]) { return .letterCase }
      if value[index] == UInt8(ascii: "[") { return .brackets }
    }
    return .form
  }
}
