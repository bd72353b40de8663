/// A part of the catalog as the rules of the product use it: elements, code lists, categories,
/// conditions and rules.
enum ExpressionTables {
  /// Identifier, type, representation, code list, number of values.
  static let elements = """
    source_system_code text a3 CL01 one
    division_code text n6 - one
    subject_name text c..200 - one
    uscc text an18 - one
    org_code text an9 - one
    established_date date YYYYMMDD - one
    approved_date date YYYYMMDD - one
    registered_division_code text n6 - one
    registration_status_code text n1 CL16 one
    deregistered_date date YYYYMMDD - one
    food_key_flag flag n1 CL05 one
    source_update_time date-time YYYYMMDDThhmmss - one
    publicity_flag flag n1 CL05 one
    party_type_code text n1 CL13 one
    licence_no text an..40 - one
    licence_type_code text n2 CL19 one
    licence_decision_date date YYYYMMDD - one
    licence_valid_from date YYYYMMDD - one
    licence_valid_to date YYYYMMDD - one
    licence_status_code text n1 CL20 one
    licence_revoked_date date YYYYMMDD - one
    violation_date date YYYYMMDD - one
    violation_doc_no text c..64 - one
    violation_count_3y number n..4 - one
    decision_date date YYYYMMDD - one
    credit_grade_code text a1 CL23 one
    credit_score number n..5,1 - one
    credit_eval_date date YYYYMMDD - one
    abnormal_list_flag flag n1 CL05 one
    list_in_date date YYYYMMDD - one
    list_out_date date YYYYMMDD - one
    serious_illegal_flag flag n1 CL05 one
    safety_key_flag flag n1 CL05 one
    facility_type_code text n2 CL26 one
    last_inspection_date date YYYYMMDD - one
    next_inspection_date date YYYYMMDD - one
    drill_done_date date YYYYMMDD - one
    drill_missed_count number n..3 - one
    agency_level_code text n1 CL07 one
    officer_cert_no text an..20 - many
    officer_cert_valid_from date YYYYMMDD - one
    officer_cert_valid_to date YYYYMMDD - one
    task_no text an..32 - one
    task_status_code text n2 CL31 one
    sample_ratio number n..5,2 - one
    sample_base_count number n..8 - one
    sample_count number n..8 - one
    joint_check_flag flag n1 CL05 one
    agency_uscc text an18 - one
    item_code text an..31 - one
    inspection_no text an..40 - one
    inspection_mode_code text n1 CL33 one
    inspection_date date YYYYMMDD - one
    inspection_start_time date-time YYYYMMDDThhmmss - one
    inspection_end_time date-time YYYYMMDDThhmmss - one
    check_points_due number n..3 - one
    check_points_done number n..3 - one
    inspection_result_code text n1 CL36 one
    problem_count number n..4 - one
    vehicle_plate_no text an..10 - one
    case_no text c..64 - one
    case_source_code text n2 CL38 one
    case_type_code text n1 CL39 one
    accept_time date-time YYYYMMDDThhmmss - one
    filing_date date YYYYMMDD - one
    investigate_start_time date-time YYYYMMDDThhmmss - one
    investigate_end_time date-time YYYYMMDDThhmmss - one
    legal_review_flag flag n1 CL05 one
    legal_review_date date YYYYMMDD - one
    major_decision_flag flag n1 CL05 one
    case_status_code text n2 CL40 one
    extension_days number n..3 - one
    closed_date date YYYYMMDD - one
    archived_date date YYYYMMDD - one
    close_method_code text n1 CL41 one
    first_exempt_flag flag n1 CL05 one
    enforcement_field_code text n2 CL03 one
    publicity_date date YYYYMMDD - one
    penalty_doc_no text c..64 - one
    penalty_type_code text n2 CL42 many
    penalty_kind_code text n4 CL43 many
    fine_amount number n..16,2 - one
    confiscated_income number n..16,2 - one
    revoked_licence_text text c..300 - one
    suspension_from date YYYYMMDD - one
    suspension_to date YYYYMMDD - one
    paid_date date YYYYMMDD - one
    paid_amount number n..16,2 - one
    service_method_code text n1 CL46 one
    served_date date YYYYMMDD - one
    benchmark_code text an..20 - one
    benchmark_fine_min number n..16,2 - one
    benchmark_fine_max number n..16,2 - one
    deviation_reason text c..1000 - one
    coercive_from date YYYYMMDD - one
    coercive_to date YYYYMMDD - one
    coercive_released_date date YYYYMMDD - one
    commitment_flag flag n1 CL05 one
    rectify_order_date date YYYYMMDD - one
    rectify_due_date date YYYYMMDD - one
    rectify_done_date date YYYYMMDD - one
    recheck_date date YYYYMMDD - one
    rectify_result_code text n1 CL53 one
    evidence_type_code text n2 CL54 one
    evidence_time date-time YYYYMMDDThhmmss - one
    evidence_file_name text c..255 - one
    evidence_sha256 text an64 - one
    chain_tx_id text an..128 - one
    chain_time date-time YYYYMMDDThhmmss - one
    clue_found_time date-time YYYYMMDDThhmmss - one
    transfer_time date-time YYYYMMDDThhmmss - one
    received_time date-time YYYYMMDDThhmmss - one
    responded_time date-time YYYYMMDDThhmmss - one
    major_env_clue_flag flag n1 CL05 one
    complaint_time date-time YYYYMMDDThhmmss - one
    first_response_time date-time YYYYMMDDThhmmss - one
    feedback_time date-time YYYYMMDDThhmmss - one
    handling_status_code text n2 CL61 one
    satisfaction_score number n..5,2 - one
    monitor_kind_code text n1 CL65 one
    monitor_time date-time YYYYMMDDThhmmss - one
    monitor_value number n..16,4 - one
    limit_low number n..16,4 - one
    limit_high number n..16,4 - one
    exceed_ratio number n..10,3 - one
    monitor_result_code text n1 CL68 one
    data_validity_code text a1 CL69 one
    production_date date YYYYMMDD - one
    shelf_life_days number n..5 - one
    review_result_code text n1 CL71 one
    review_close_date date YYYYMMDD - one
    """

  /// Code list and its codes.
  static let codeLists = """
    CL01 SAM MEE MOT URB MEM MPS MNR ARA CUL NHC NMP HUD
    CL16 1 2 3 4 5 6 7
    CL05 0 1
    CL13 1 2 3 4
    CL19 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 99
    CL20 1 2 3 4 5 6
    CL23 A B C D
    CL26 01 02 03 04 05 06 07 99
    CL07 1 2 3 4 5
    CL31 01 02 03 04 05 09
    CL33 1 2 3 4 5 6
    CL36 1 2 3 4 5 6 7 8 9
    CL38 01 02 03 04 05 06 07 08 99
    CL39 1 2 3
    CL40 01 02 03 04 05 06 07 08 09 10
    CL41 1 2 3 4 5 6
    CL03 01 02 03 04 05 06 07 08 09 10 11 12
    CL42 01 02 03 04 05 06 07 08 09
    CL43 0101 0201 0301 0401 0501 0601 0602 0603 0701 0702 0703 0704 0801 0901
    CL46 1 2 3 4 5 6
    CL53 1 2 3 4 5
    CL54 01 02 03 04 05 06 07 08
    CL61 01 02 03 04 05 06
    CL65 1 2 3 4 5 6
    CL68 1 2 3 4
    CL69 N F M S D C T B
    CL71 1 2 3 4 5 6 7
    """

  /// Category and its elements.
  static let categories = """
    ENT source_system_code division_code subject_name uscc org_code established_date approved_date \
      registered_division_code registration_status_code deregistered_date food_key_flag
    LIC source_update_time publicity_flag uscc party_type_code licence_no licence_type_code \
      licence_decision_date licence_valid_from licence_valid_to licence_status_code \
      licence_revoked_date
    VIO uscc party_type_code violation_date violation_doc_no violation_count_3y decision_date
    CRD source_system_code uscc credit_grade_code credit_score credit_eval_date abnormal_list_flag \
      list_in_date list_out_date serious_illegal_flag
    FAC safety_key_flag facility_type_code last_inspection_date next_inspection_date \
      drill_done_date drill_missed_count
    AGO agency_level_code officer_cert_no officer_cert_valid_from officer_cert_valid_to
    RND publicity_flag officer_cert_no task_no task_status_code sample_ratio sample_base_count \
      sample_count joint_check_flag
    INS publicity_flag agency_uscc officer_cert_no uscc party_type_code task_no item_code \
      inspection_no inspection_mode_code inspection_date inspection_start_time inspection_end_time \
      check_points_due check_points_done inspection_result_code problem_count
    CAS source_system_code officer_cert_no uscc party_type_code vehicle_plate_no inspection_no \
      case_no case_source_code case_type_code accept_time filing_date investigate_start_time \
      investigate_end_time legal_review_flag legal_review_date major_decision_flag \
      case_status_code extension_days closed_date archived_date close_method_code \
      first_exempt_flag
    PEN source_system_code division_code enforcement_field_code publicity_flag publicity_date \
      agency_uscc officer_cert_no uscc party_type_code case_no case_type_code penalty_doc_no \
      penalty_type_code penalty_kind_code fine_amount confiscated_income revoked_licence_text \
      suspension_from suspension_to decision_date paid_date paid_amount service_method_code \
      served_date benchmark_code benchmark_fine_min benchmark_fine_max deviation_reason
    COE party_type_code case_no coercive_from coercive_to coercive_released_date
    REC source_update_time enforcement_field_code party_type_code inspection_no case_no \
      commitment_flag rectify_order_date rectify_due_date rectify_done_date recheck_date \
      rectify_result_code
    EVD case_no evidence_type_code evidence_time evidence_file_name evidence_sha256 chain_tx_id \
      chain_time
    TRF party_type_code clue_found_time transfer_time received_time responded_time \
      major_env_clue_flag
    CMP complaint_time first_response_time feedback_time handling_status_code satisfaction_score
    MON uscc monitor_kind_code monitor_time monitor_value limit_low limit_high exceed_ratio \
      monitor_result_code data_validity_code production_date shelf_life_days
    REV party_type_code penalty_doc_no review_result_code review_close_date
    """

  /// Category and a condition under which one of its elements is required.
  static let conditions = """
    ENT source_system_code = 'SAM'
    ENT registration_status_code in ('2', '3', '4')
    ENT source_system_code in ('SAM', 'MEM')
    ENT food_key_flag = '1'
    LIC publicity_flag = '1'
    LIC party_type_code in ('1', '2', '3')
    LIC licence_type_code = '01'
    LIC party_type_code = '4'
    LIC licence_status_code in ('3', '4')
    LIC licence_type_code in ('01', '02')
    LIC licence_type_code in ('05', '06')
    VIO party_type_code in ('1', '2', '3')
    VIO party_type_code = '4'
    CRD source_system_code = 'SAM'
    CRD source_system_code = 'MEE'
    CRD abnormal_list_flag = '1'
    CRD abnormal_list_flag = '1' | serious_illegal_flag = '1'
    FAC facility_type_code = '05'
    FAC facility_type_code = '01'
    FAC facility_type_code in ('01', '02', '03')
    FAC last_inspection_date present
    FAC facility_type_code = '02'
    FAC facility_type_code = '04'
    FAC safety_key_flag = '1'
    AGO agency_level_code != '1'
    AGO agency_level_code = '4'
    RND publicity_flag = '1'
    RND task_status_code in ('02', '03', '04', '05')
    RND joint_check_flag = '1'
    INS publicity_flag = '1'
    INS party_type_code in ('1', '2', '3')
    INS party_type_code = '4'
    INS inspection_result_code in ('3', '4')
    INS inspection_mode_code = '1'
    INS problem_count > 0
    CAS party_type_code in ('1', '2', '3')
    CAS party_type_code = '4'
    CAS vehicle_plate_no present
    CAS case_type_code != '1' & case_status_code in ('02', '03', '04', '05', '06', '07', '08')
    CAS case_status_code in ('03', '04', '05', '06', '07', '08')
    CAS case_status_code in ('04', '05', '06', '07', '08')
    CAS legal_review_flag = '1'
    CAS major_decision_flag = '1'
    CAS case_type_code != '1' & case_status_code in ('05', '06')
    CAS case_status_code in ('01', '02', '03', '04', '05', '06')
    CAS case_status_code in ('07', '08')
    CAS case_status_code = '08'
    PEN publicity_flag = '1'
    PEN party_type_code in ('1', '2', '3')
    PEN party_type_code = '4'
    PEN penalty_type_code has '03'
    PEN penalty_type_code has '04'
    PEN penalty_type_code has '05'
    PEN penalty_type_code has '06'
    PEN penalty_type_code has '07'
    PEN penalty_type_code has '08'
    PEN enforcement_field_code in ('02', '03') & case_type_code != '1'
    PEN benchmark_code present
    PEN benchmark_code present & penalty_type_code has '03'
    COE party_type_code in ('1', '2', '3')
    COE party_type_code = '4'
    COE coercive_released_date present
    REC party_type_code in ('1', '2', '3')
    REC party_type_code = '4'
    REC rectify_result_code = '1'
    REC recheck_date present
    REC enforcement_field_code = '02'
    REC commitment_flag = '1'
    EVD evidence_type_code in ('03', '04')
    EVD evidence_file_name present
    EVD chain_tx_id present
    TRF party_type_code in ('1', '2', '3')
    TRF party_type_code = '4'
    TRF responded_time present
    TRF received_time present
    CMP handling_status_code != '01'
    CMP handling_status_code = '04'
    CMP satisfaction_score present
    MON monitor_kind_code in ('1', '2', '3', '5', '6')
    MON monitor_kind_code = '1'
    MON monitor_kind_code in ('2', '5')
    MON monitor_result_code = '2' & monitor_kind_code = '1'
    MON monitor_kind_code = '2'
    REV party_type_code in ('1', '2', '3')
    REV party_type_code = '4'
    REV review_close_date present
    REV review_result_code in ('2', '3', '4')
    """

  /// Rule, category, condition of use, what must hold.
  static let rules = """
    CR01|LIC|-|licence_valid_to > licence_valid_from
    CR02|LIC|-|licence_valid_from >= licence_decision_date
    CR03|LIC|-|licence_status_code in ('3', '4') => licence_revoked_date present
    CR04|LIC|-|licence_status_code = '1' => licence_valid_to >= date(source_update_time)
    CR05|ENT|-|substr(uscc, 9, 9) = org_code
    CR06|ENT|-|approved_date >= established_date
    CR07|ENT|-|registration_status_code in ('2', '3', '4') => deregistered_date present
    CR08|ENT|-|substr(registered_division_code, 1, 2) = substr(division_code, 1, 2)
    CR09|PEN|publicity_flag = '1'|decision_date <= publicity_date <= decision_date + $limit \
      workdays
    CR10|PEN|service_method_code != '6'|decision_date <= served_date <= decision_date + 7 days
    CR11|PEN|-|penalty_type_code has '03' <=> fine_amount > 0
    CR12|PEN|-|penalty_type_code has '04' <=> confiscated_income > 0
    CR13|PEN|-|penalty_type_code has '08' => party_type_code = '4'
    CR14|PEN|-|substr(penalty_kind_code, 1, 2) subset of penalty_type_code
    CR15|PEN|-|benchmark_fine_min <= fine_amount <= benchmark_fine_max | deviation_reason present
    CR16|PEN|-|paid_amount <= 2 * default(fine_amount, 0) + default(confiscated_income, 0) & \
      paid_date >= decision_date
    CR17|PEN|-|suspension_to > suspension_from
    CR18|CAS|-|accept_time <= filing_date <= investigate_start_time <= investigate_end_time <= \
      legal_review_date <= closed_date <= archived_date
    CR19|CAS|-|major_decision_flag = '1' => legal_review_flag = '1'
    CR20|CAS|-|closed_date <= filing_date + 90 days + default(extension_days, 0) days
    CR21|CAS|-|first_exempt_flag = '1' => close_method_code = '2'
    CR22|RND|-|abs(sample_count - ceil(sample_base_count * sample_ratio / 100)) <= 1
    CR23|RND|-|count distinct officer_cert_no >= 2
    CR24|INS|-|inspection_end_time >= inspection_start_time & date(inspection_start_time) = \
      inspection_date
    CR25|INS|-|(inspection_result_code in ('2', '3') => problem_count > 0) & \
      (inspection_result_code in ('1', '8') => problem_count = 0)
    CR26|INS|-|check_points_done <= check_points_due
    CR27|REC|-|rectify_done_date >= rectify_order_date
    CR28|REC|-|rectify_result_code = '3' => rectify_due_date < date(source_update_time)
    CR29|EVD|chain_tx_id present|chain_time >= evidence_time & evidence_sha256 present
    CR30|COE|-|coercive_to <= coercive_from + 60 days
    CR31|TRF|major_env_clue_flag = '1'|transfer_time - clue_found_time <= 48 hours
    CR32|TRF|-|responded_time <= transfer_time + 3 workdays
    CR33|CMP|-|first_response_time <= complaint_time + 24 hours & feedback_time <= complaint_time \
      + 7 workdays
    CR34|MON|monitor_result_code in ('1', '2') & data_validity_code = 'N'|monitor_result_code = \
      '1' <=> limit_low <= monitor_value <= limit_high
    CR35|MON|limit_high > 0|abs(exceed_ratio - (monitor_value - limit_high) / limit_high) <= 0.05
    CR36|MON|-|monitor_time <= production_date + shelf_life_days days
    CR37|FAC|-|next_inspection_date > last_inspection_date
    CR38|FAC|-|drill_done_date present => drill_missed_count = 0
    CR39|CRD|-|(credit_grade_code = 'A' <=> credit_score >= 850) & (credit_grade_code = 'B' <=> \
      700 <= credit_score < 850) & (credit_grade_code = 'C' <=> 550 <= credit_score < 700) & \
      (credit_grade_code = 'D' <=> credit_score < 550)
    CR40|CRD|-|list_out_date >= list_in_date
    CR41|PEN|-|exists CAS where (other.case_no = case_no & other.source_system_code = \
      source_system_code)
    CR42|PEN|-|every officer_cert_no exists AGO where (other.officer_cert_no = officer_cert_no & \
      other.officer_cert_valid_from <= decision_date <= other.officer_cert_valid_to)
    CR43|EVD|-|exists CAS where (other.case_no = case_no)
    CR44|COE|-|exists CAS where (other.case_no = case_no)
    CR45|REC|-|(inspection_no present => exists INS where (other.inspection_no = inspection_no)) & \
      (case_no present => exists CAS where (other.case_no = case_no))
    CR46|REV|-|exists PEN where (other.penalty_doc_no = penalty_doc_no)
    CR47|INS|inspection_mode_code = '1'|exists RND where (other.task_no = task_no)
    CR48|VIO|-|exists PEN where (other.penalty_doc_no = violation_doc_no)
    CR49|LIC|-|exists ENT where (other.uscc = uscc)
    CR50|PEN|-|exists ENT where (other.uscc = uscc)
    CR51|ENT|-|not exists ENT where (other.uscc = uscc & other.source_system_code != \
      source_system_code & normalized(other.subject_name) != normalized(subject_name))
    CR52|ENT|-|not exists ENT where (other.uscc = uscc & other.registration_status_code != \
      registration_status_code)
    CR53|PEN|-|not exists PEN where (other.penalty_doc_no = penalty_doc_no & other.agency_uscc = \
      agency_uscc & other.source_system_code != source_system_code & other.fine_amount != \
      fine_amount)
    CR54|LIC|licence_status_code = '1'|not exists ENT where (other.uscc = uscc & \
      other.registration_status_code in ('3', '4'))
    CR55|PEN|penalty_kind_code has '0603'|exists LIC where (other.uscc = uscc & other.licence_no = \
      revoked_licence_text & other.licence_status_code = '3')
    CR56|VIO|-|count PEN where (other.uscc = uscc & other.decision_date > violation_date - 3 years \
      & other.decision_date <= violation_date) = violation_count_3y
    CR57|CRD|-|exists PEN where (other.uscc = uscc & other.decision_date > credit_eval_date - 3 \
      years & other.penalty_type_code has '06') => serious_illegal_flag present
    CR58|MON|monitor_result_code = '2' & monitor_time + 30 days < now|exists CAS where (other.uscc \
      = uscc & other.case_source_code = '06' & other.filing_date >= monitor_time & \
      other.filing_date <= monitor_time + 30 days)
    CR59|INS|-|count INS where (other.agency_uscc = agency_uscc & other.uscc = uscc & \
      other.item_code = item_code & year(other.inspection_date) = year(inspection_date)) <= 1
    CR60|PEN|-|substr(agency_uscc, 3, 2) = substr(division_code, 1, 2) & (substr(division_code, 3, \
      2) = '00' | substr(agency_uscc, 5, 2) = substr(division_code, 3, 2))
    CR61|INS|-|count distinct officer_cert_no >= 2
    CR62|CAS|case_type_code != '1'|count distinct officer_cert_no >= 2
    """
}
