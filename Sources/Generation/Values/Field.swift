/// An element of the catalog that the generator fills; the case's name is the element's identifier.
package enum Field: Int, CaseIterable, Sendable {
  // common management
  case sourceRecordId, sourceSystemCode, divisionCode, sourceUpdateTime, operationTypeCode
  case batchNo, enforcementFieldCode, secrecyLevelCode
  case publicityFlag, publicityDate, publicityEndDate, remark
  // enforcement agencies
  case agencyUscc, agencyName, agencyTypeCode, agencyLevelCode, superiorAgencyUscc
  case agencyDutyText, agencyAddress, agencyPhone, supervisionPhone, empoweredTownshipFlag
  // enforcement officers
  case officerName, officerCertNo, officerCertTypeCode, officerCertValidFrom, officerCertValidTo
  case officerCertStatusCode, officerAreaCode, officerKindCode, officerSexCode, officerIdNo
  case officerExamPassDate
  // market subjects
  case subjectName, uscc, orgCode, registrationNo, subjectTypeCode, partyTypeCode, legalRepName
  case legalRepIdTypeCode, legalRepIdNo, registeredCapital, capitalCurrencyCode, establishedDate
  case approvedDate, businessTermFrom, businessTermTo, registeredAddress, registeredDivisionCode
  case businessAddress, postalCode, businessScope, industryCode, registrationAuthority
  case registrationStatusCode, deregisteredDate, subjectPhone, employeeCount, foodKeyFlag
  case safetyKeyFlag, businessFormatCode
  // natural persons as parties
  case personName, personIdTypeCode, personIdNo, personSexCode, personBirthDate, personAddress,
    personMobile
  case minorFlag, vehiclePlateNo, plateTypeCode
  // licences and qualifications
  case licenceNo, licenceTypeCode, licenceName, licensedItem, licenceDecisionNo
  case licenceDecisionDate, licenceValidFrom, licenceValidTo, licenceStatusCode
  case licenceAuthorityName, licenceAuthorityUscc, licenceRevokedDate, licenceSiteAddress
  case foodBusinessItems, hazchemItems
  // violation records and credit supervision
  case violationRecordNo, violationCode, violationDesc, violationDate, violationDocNo
  case firstViolationFlag, violationCount3y, creditGradeCode, creditScore, creditEvalDate
  case envCreditGradeCode, creditMeasureCode, abnormalListFlag, abnormalReasonCode, listInDate
  case listOutDate, seriousIllegalFlag, jointPunishFlag, creditRepairDate, industryRiskCoef
  // facilities, equipment and work safety
  case facilityId, facilityTypeCode, facilityName, specialEquipCertNo, specialEquipKindCode
  case inServiceDate, facilityStatusCode, lastInspectionDate, nextInspectionDate
  case testConclusionCode, hazardLevelCode, storageMedium, designCapacity, facilityLongitude
  case facilityLatitude, outletNo, drillPlannedDate, drillDoneDate, drillMissedCount
  case trainedPersonCount, trainingDate, safetyManagerCertFlag
  // random inspection
  case planNo, planName, taskNo, taskStatusCode, itemCode, sampleRatio, sampleBaseCount
  case sampleCount, drawDate, riskLevelCode, prescreenScore, jointCheckFlag, jointAgencyList
  // administrative inspections
  case inspectionNo, inspectionModeCode, inspectionFormCode, inspectionDate, inspectionStartTime
  case inspectionEndTime, inspectionPlace, checkPointList, checkPointsDue, checkPointsDone
  case inspectionResultCode, problemCount, problemDesc, inspectionActionCode, oneStopCheckFlag
  case qrEntryFlag, partyConfirmFlag, inspectionDocNo
  // case handling
  case caseNo, caseName, caseSourceCode, caseTypeCode, filingDocNo, acceptTime, filingDate
  case investigateStartTime, investigateEndTime, legalReviewFlag, legalReviewDate
  case legalReviewOpinion, majorDecisionFlag, collectiveDiscussDate, noticeDate, statementFlag
  case hearingFlag, caseStatusCode, nodeDeadline, extensionDays, closedDate, archivedDate
  case closeMethodCode, firstExemptFlag, commitmentFlag, jointEnforceFlag, offsiteFlag
  case fullRecordFlag, fileReviewCode
  // administrative penalties, documents and discretion
  case penaltyDocNo, penaltyTypeCode, penaltyKindCode, penaltyContent, penaltyCause
  case penaltyBasis, fineAmount, confiscatedIncome, confiscatedGoodsValue, revokedLicenceText
  case suspensionFrom, suspensionTo, detentionDays, decisionDate, penaltyEffectiveDate
  case penaltyValidTo, penaltyRevokedFlag, fulfilStatusCode, paidDate, paidAmount
  case paymentVoucherNo, documentTypeCode, documentErrorFlag, documentMadeDate
  case serviceMethodCode, servedDate, benchmarkCode, discretionLevelCode, circumstanceCode
  case consequenceCode, violationMeasure, benchmarkFineMin, benchmarkFineMax, deviationReason
  // administrative coercive measures
  case coerciveDocNo, coerciveTypeCode, coerciveObjectDesc, coerciveDecisionDate, coerciveFrom
  case coerciveTo, coerciveReleasedDate, seizedGoodsValue, goodsDisposalCode, onTheSpotFlag
  // rectification
  case rectifyDocNo, rectifyRequirement, rectifyTypeCode, rectifyOrderDate, rectifyDueDate
  case rectifyDoneDate, recheckDate, rectifyResultCode, rectifyOnceFlag, ecoRestoreFlag
  case commitmentDate
  // enforcement evidence
  case evidenceNo, evidenceTypeCode, evidenceName, evidenceTime, evidencePlace, deviceNo
  case evidenceFileName, evidenceSha256, chainTxId, chainTime, keyframeTags
  case violationStartOffset, evidenceSharedFlag, evidenceAdmittedFlag, evidenceDigitalFlag
  // clue transfer and coordination
  case transferNo, transferTypeCode, clueFoundTime, transferTime, receiverUscc, receivedTime
  case respondedTime, receiveResultCode, majorEnvClueFlag, transferQualifiedFlag, transferReason
  case crimeSuspectFlag
  // complaints and tips
  case complaintNo, complaintChannelCode, complaintTypeCode, complaintTime, complaintContent
  case complainantName, complainantPhone, complainantIdNo, anonymousFlag, respondentName,
    incidentAddress
  case issueCategoryCode, firstResponseTime, feedbackTime, handlingStatusCode, handlingResult
  case satisfactionScore, satisfactionDimCode, rewardAmount
  // public opinion
  case opinionNo, opinionTitle, opinionSummary, opinionTime, opinionPlatform, opinionUrl
  case sentimentCode, opinionLevelCode, opinionSpreadCount
  // monitoring and sampling
  case monitorNo, monitorKindCode, monitorOrgName, monitorOrgCertNo, monitorTime
  case monitorItemCode, monitorValue, unitCode, limitLow, limitHigh, exceedRatio
  case monitorResultCode, dataValidityCode, sampleName, sampleLotNo, productionDate
  case shelfLifeDays, sampledAddress, producerName, enforcementUsedFlag
  // administrative review and litigation
  case reviewCaseNo, reviewTypeCode, reviewApplyDate, reviewBodyName, reviewResultCode
  case reviewCloseDate, evidenceCauseFlag, correctionCauseCode

  /// The identifier in the catalog: `source_record_id`.
  package var identifier: String { Self.identifiers[rawValue] }

  private static let identifiers = allCases.map { field in
    if field == .violationCount3y { return "violation_count_3y" }
    var name = ""
    for character in "\(field)" {
      if character.isUppercase { name += "_" }
      name += character.lowercased()
    }
    return name
  }

  private static let fields = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.identifier, $0) })

  /// - Parameter identifier: Of an element that a source delivers.
  package init?(identifier: String) {
    guard let field = Self.fields[identifier] else { return nil }
    self = field
  }
}
