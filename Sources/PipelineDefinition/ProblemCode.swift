/// The stable names of everything that can be wrong with the folder.
package enum ProblemCode: String, Sendable, CaseIterable {
  // Files
  case missingFolder = "missing-folder"
  case missingFile = "missing-file"
  case unknownFile = "unknown-file"
  case unreadableFile = "unreadable-file"
  case emptyFile = "empty-file"
  case fileTooLarge = "file-too-large"
  case fileName = "file-name"
  case invalidEncoding = "invalid-encoding"
  case linkOutOfFolder = "link-out-of-folder"
  case yamlSyntax = "yaml-syntax"
  case aliasNotAllowed = "alias-not-allowed"

  // Keys and values
  case unknownKey = "unknown-key"
  case missingKey = "missing-key"
  case duplicateKey = "duplicate-key"
  case wrongType = "wrong-type"
  case unquotedText = "unquoted-text"
  case unknownWord = "unknown-word"
  case outOfRange = "out-of-range"
  case invalidDate = "invalid-date"
  case invalidTime = "invalid-time"
  case invalidCadence = "invalid-cadence"
  case datesOutOfOrder = "dates-out-of-order"
  case invalidIdentifier = "invalid-identifier"
  case duplicateIdentifier = "duplicate-identifier"
  case missingOrigin = "missing-origin"
  case englishHasChinese = "english-has-chinese"
  case nameWithoutChinese = "name-without-chinese"

  // Elements and code lists
  case invalidRepresentation = "invalid-representation"
  case representationOfType = "representation-of-type"
  case invalidDomain = "invalid-domain"
  case domainOutsideRepresentation = "domain-outside-representation"
  case invalidPattern = "invalid-pattern"
  case unknownCheck = "unknown-check"
  case unknownNullSpellings = "unknown-null-spellings"
  case unusedElement = "unused-element"
  case unknownCodeList = "unknown-code-list"
  case unusedCodeList = "unused-code-list"
  case duplicateCode = "duplicate-code"
  case duplicateLabel = "duplicate-label"
  case ambiguousLabel = "ambiguous-label"
  case unknownCode = "unknown-code"

  // Categories
  case unknownElement = "unknown-element"
  case unknownGroup = "unknown-group"
  case unusedGroup = "unused-group"
  case unknownSystem = "unknown-system"
  case unusedSystem = "unused-system"
  case unknownCategory = "unknown-category"
  case elementNotCarried = "element-not-carried"
  case keyNotMarked = "key-not-marked"
  case eventTimeNotDate = "event-time-not-date"
  case conditionMissing = "condition-missing"
  case conditionUnused = "condition-unused"

  // Expressions and rules
  case expressionSyntax = "expression-syntax"
  case expressionMeaning = "expression-meaning"
  case impossibleCondition = "impossible-condition"
  case unknownParameter = "unknown-parameter"
  case unusedParameter = "unused-parameter"
  case kindOfRule = "kind-of-rule"
  case waitingInCircle = "waiting-in-circle"

  // Authority
  case unknownEntity = "unknown-entity"
  case invalidMatchKey = "invalid-match-key"
  case ownerAsFallback = "owner-as-fallback"
  case tieBreakWithoutOrder = "tie-break-without-order"
  case overlappingAuthority = "overlapping-authority"
  case decidedTwice = "decided-twice"
  case strategyOfType = "strategy-of-type"
  case rowElementDiffers = "row-element-differs"
  case rowsSayNothing = "rows-say-nothing"

  // Matching of subjects
  case matchedByOther = "matched-by-other"
  case ownSubject = "own-subject"
  case evidenceTwice = "evidence-twice"
  case evidenceUnused = "evidence-unused"

  // Tables
  case missingIssueType = "missing-issue-type"
  case dimensionOfIssue = "dimension-of-issue"
  case unknownPlaceholder = "unknown-placeholder"
  case missingDomain = "missing-domain"
  case invalidIndustry = "invalid-industry"
  case divisionTable = "division-table"
  case missingProvince = "missing-province"
  case calendarYear = "calendar-year"
  case calendarDay = "calendar-day"
  case calendarNeeded = "calendar-needed"

  // Sources
  case categoryNotDelivered = "category-not-delivered"
  case categoryNotMapped = "category-not-mapped"
  case ambiguousColumn = "ambiguous-column"
  case elementMappedTwice = "element-mapped-twice"
  case elementNotMapped = "element-not-mapped"
  case conditionalNotMapped = "conditional-not-mapped"
  case invalidConstant = "invalid-constant"
  case invalidPatternOfFiles = "invalid-file-pattern"
  case overlappingFiles = "overlapping-files"
  case separatorsUnused = "separators-unused"
  case unitNotConvertible = "unit-not-convertible"
  case formatMismatch = "format-mismatch"
  case invalidDelimiter = "invalid-delimiter"
  case invalidPath = "invalid-path"
  case recordsNotNamed = "records-not-named"
  case unknownPrefix = "unknown-prefix"
  case unknownChildTable = "unknown-child-table"

  // Sharing
  case missingTier = "missing-tier"
  case tierWithoutEffect = "tier-without-effect"
  case itemCount = "item-count"
  case emptyScope = "empty-scope"
  case conditionOfItem = "condition-of-item"
  case looksElsewhere = "looks-elsewhere"
  case unknownMask = "unknown-mask"
  case maskOfType = "mask-of-type"
  case maskedTwice = "masked-twice"

  // Approvals
  case deadlineOrder = "deadline-order"

  // Worked cases
  case unknownRule = "unknown-rule"
  case uncoveredRule = "uncovered-rule"
  case unknownItem = "unknown-item"
  case uncoveredItem = "uncovered-item"
  case missingBase = "missing-base"

  package var severity: Problem.Severity {
    switch self {
    case .englishHasChinese, .nameWithoutChinese, .unusedElement, .unusedCodeList, .unusedGroup,
      .unusedSystem, .unusedParameter, .conditionalNotMapped, .uncoveredRule, .uncoveredItem:
      .warning
    default: .error
    }
  }
}
