import Records

/// A kind of identifier, named as the catalog's `domain_ref` names it.
package enum IdentifierKind: String, Hashable, Sendable, CaseIterable {
  case uscc
  case orgCode = "org_code"
  case residentID = "resident_id"
  case residentIDIf111 = "resident_id_if_111"
  case registrationNumber = "reg15"
  case plate
  case mobile
  case phone
  case postal
  case division = "gbt2260"
  case industry = "gbt4754"
  case documentNumber = "doc_no"
  case reviewNumber = "review_no"
  case officerCertificate = "officer_cert"
  case licenceByType = "licence_by_type"
  case foodBusinessLicence = "food_business_licence"
  case foodProductionLicence = "food_production_licence"
  case pollutantPermit = "pollutant_permit"
  case drugLicence = "drug_licence"
  case hazchemSafetyLicence = "hazchem_safety_licence"
}

/// What a check says about one identifier.
package enum IdentifierVerdict: Hashable, Sendable {
  case valid
  /// Worth showing, no ground for a return.
  case warning(IdentifierReason)
  case invalid(IdentifierReason)
  /// The check does not apply: another type of certificate, a licence type without a known form.
  case notApplicable
}

/// Why an identifier is not valid; the words are in `IdentifierReason+Text.swift`.
package enum IdentifierReason: Hashable, Sendable {
  /// In characters.
  case length(found: Int, expected: Int)
  /// A character that may not stand there; from 1.
  case character(at: Int)
  /// ASCII.
  case checkCharacter(expected: UInt8, found: UInt8)
  /// The organisation code inside a USCC fails its own check.
  case organisationCode
  /// No such day in the calendar.
  case date
  case futureDate
  /// No such province, or a county that the table does not know.
  case division
  case prefix
  case scientificNotation
  /// Excel zeroed what is behind the 15th digit.
  case excelZeros
  /// Right but for lower-case letters.
  case letterCase
  /// A number that stands for "none", such as 000000.
  case filler
  /// The source hid part of it: `510***********1234`.
  case masked
  /// A form that has been replaced: 15-digit identity numbers, QS licences, H9 permits.
  case oldForm
  /// The year stands in brackets of another kind.
  case brackets
  /// No four-digit year, or one that cannot be.
  case year
  /// No serial number, or one of the wrong length.
  case serial
  /// The letter and the division of an industry code belong to different sections.
  case section
  case looksLikeResidentID
  case areaCode
  /// None of the above says it better.
  case form
}

/// What a check needs beyond the value.
package struct IdentifierContext: Sendable {
  /// Days since 1970-01-01. There is no clock in the checks.
  package let today: Int
  /// Divisions by year; without it only provinces are looked up.
  package var divisions: DivisionTable?
  /// Year in which a division code must have been in force; nil: at any time.
  package var divisionYear: Int?
  /// For ``IdentifierKind/residentIDIf111``: whether the certificate is a resident identity card.
  package var isResidentIdentityCard = false
  /// For ``IdentifierKind/licenceByType``: the code of 许可证类型 (CL19).
  package var licenceType: Int?
  /// Forms of licence numbers by type.
  package var licencePatterns: LicencePatterns
  /// `today` as 20260301, so that dates compare without arithmetic.
  let packedToday: Int

  /// - Parameters:
  ///   - today: Days since 1970-01-01.
  ///   - divisions: Divisions by year, if there is a table.
  ///   - divisionYear: Year in which a division code must have been in force.
  ///   - licencePatterns: Forms of licence numbers by type.
  package init(
    today: Int, divisions: DivisionTable? = nil, divisionYear: Int? = nil,
    licencePatterns: LicencePatterns = .standard
  ) {
    self.today = today
    self.divisions = divisions
    self.divisionYear = divisionYear
    self.licencePatterns = licencePatterns
    let date = CivilDate(dayNumber: today)
    packedToday = date.year * 10_000 + date.month * 100 + date.day
  }

  var currentYear: Int { packedToday / 10_000 }
}

extension IdentifierKind {
  /// Whether findings of this check never return a record (semantics.md §2).
  package var isAdvisory: Bool {
    switch self {
    case .licenceByType, .orgCode, .plate, .officerCertificate, .phone, .drugLicence,
      .hazchemSafetyLicence:
      true
    default: false
    }
  }

  /// Judges the raw value: nothing is trimmed, folded or raised to upper case first.
  ///
  /// - Parameter value: UTF-8, not empty.
  package func check(
    _ value: Span<UInt8>, _ context: borrowing IdentifierContext
  ) -> IdentifierVerdict {
    switch self {
    case .uscc: UnifiedSocialCreditCode.check(value)
    case .orgCode: OrganisationCode.check(value)
    case .residentID: ResidentID.check(value, context)
    case .residentIDIf111:
      context.isResidentIdentityCard ? ResidentID.check(value, context) : .notApplicable
    case .registrationNumber: RegistrationNumber.check(value)
    case .plate: VehiclePlate.check(value)
    case .mobile: MobileNumber.check(value)
    case .phone: PhoneNumber.check(value)
    case .postal: PostalCode.check(value)
    case .division: DivisionCode.check(value, context)
    case .industry: IndustryCode.check(value)
    case .documentNumber: DocumentNumber.check(value, context)
    case .reviewNumber: ReviewNumber.check(value, context)
    case .officerCertificate: OfficerCertificate.check(value)
    case .licenceByType: LicenceNumber.check(value, context)
    case .foodBusinessLicence: FoodBusinessLicence.check(value)
    case .foodProductionLicence: FoodProductionLicence.check(value)
    case .pollutantPermit: PollutantPermit.check(value)
    case .drugLicence: LicenceNumber.check(value, types: [3, 4], context)
    case .hazchemSafetyLicence: LicenceNumber.check(value, types: [5, 6], context)
    }
  }
}
