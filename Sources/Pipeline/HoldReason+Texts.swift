/// The sentences. Gaps stand in the same order in both languages; the English ones are what ledgers hold:
/// a changed sentence leaves older entries with the words they were written in.
extension HoldReason.Kind {
  var english: SentenceTemplate {
    switch self {
    case .truncated: "the file ends in the middle of a record"
    case .recordCount: "{n} records, the manifest promises {}"
    case .empty: "a full delivery without a record would empty the category"
    case .mojibake:
      "{n} % of the text was decoded wrongly before it was exported; export again in one encoding"
    case .foreignHeader: "the first row is not the header of this category"
    case .foreignDocument: "the document has no place with records of this category"
    case .brokenDocument: "the document is broken: {}"
    case .documentCount: "{n} records, the document says that it has {n}"
    case .documentCountUnreadable:
      "the number of records that the document states is not a number"
    case .classified:
      "{n} records are classified and must not enter; the original is sealed in the archive"
    case .secrecyUnreadable:
      "{n} records have a secrecy level that cannot be read; the original is sealed in the archive"
    case .findings: "{n} findings of {}"
    case .returnedShare: "{n} of {n} records would be returned, more than {n} %"
    case .missingColumns: "columns are missing: {}"
    case .newColumns: "columns are unknown: {}"
    case .noAdapter: "no adapter for {}"
    case .unreadable: "the file cannot be read: {}"
    case .replaced:
      "the file was replaced or removed before it reached the archive; deliver it again"
    case .changed: "the file changed while it was received; deliver it again"
    case .signUnclear: "{} cannot be understood: {}"
    case .wrongName: "{who} is that of {}"
    case .wrongSize: "{n} bytes, {who} promises {}"
    case .wrongHash: "SHA-256 {}, {who} promises {}"
    case .promisesDiffer: "{who} promises {} records, the manifest another number"
    case .other: "{}"
    }
  }

  var chinese: SentenceTemplate {
    switch self {
    case .truncated: "文件在一条记录中间结束，未传完整"
    case .recordCount: "文件有 {} 条记录，清单写的是 {} 条"
    case .empty: "全量文件里没有一条记录，入库会清空该类数据"
    case .mojibake: "{} % 的文字在导出之前已被错误转码（乱码）"
    case .foreignHeader: "第一行不是该类数据的表头"
    case .foreignDocument: "文档中没有该类数据的记录位置"
    case .brokenDocument: "文档结构损坏：{}"
    case .documentCount: "文件有 {} 条记录，文档自述为 {} 条"
    case .documentCountUnreadable: "文档自述的记录数不是数字"
    case .classified: "{} 条记录标有密级，不得进入本系统；原始文件已封存"
    case .secrecyUnreadable: "{} 条记录的密级无法辨认；原始文件已封存"
    case .findings: "{} 处不符合规则 {}"
    case .returnedShare: "{} 条将被退回（共判定 {} 条），超过上限 {} %"
    case .missingColumns: "缺少列：{}"
    case .newColumns: "出现未登记的列：{}"
    case .noAdapter: "没有 {} 的报送适配配置"
    case .unreadable: "文件无法读取：{}"
    case .replaced: "文件在归档之前被替换或移走"
    case .changed: "接收过程中文件被改动"
    case .signUnclear: "{} 的内容无法理解：{}"
    case .wrongName: "{}写的是另一个文件：{}"
    case .wrongSize: "文件有 {} 字节，{}写的是 {} 字节"
    case .wrongHash: "文件的 SHA-256 为 {}，{}写的是 {}"
    case .promisesDiffer: "{}写的是 {} 条记录，与清单不一致"
    case .other: "{}"
    }
  }

  /// What a person can do, for stewards.
  package var adviceChinese: String {
    switch self {
    case .truncated, .unreadable, .replaced, .changed, .brokenDocument: "请报送方重新导出，确认传输完成后再报送"
    case .recordCount, .wrongName, .wrongSize, .wrongHash, .promisesDiffer, .signUnclear,
      .documentCount, .documentCountUnreadable:
      "请报送方核对文件与清单，一并重新报送"
    case .empty: "确认当日确实没有数据后放行；否则请报送方重新导出"
    case .mojibake: "请报送方用同一种编码重新导出，不要经另一软件转存"
    case .foreignHeader, .foreignDocument: "核对是否报错了类别或漏了表头；更正后重新报送"
    case .classified: "立即通知保密责任人；不得放行，由报送方剔除涉密记录后重新报送"
    case .secrecyUnreadable: "按涉密处理，不得放行；由报送方补正密级后重新报送"
    case .findings, .returnedShare: "多为导出口径变化；与报送方核对，确属数据问题再放行退回"
    case .missingColumns, .newColumns: "与报送方确认表结构是否变更；变更属实的先修改 sources/ 配置再放行"
    case .noAdapter: "补充 sources/ 中的报送配置后放行"
    case .other: "查看原始文件与台账后决定放行或拒收"
    }
  }

  package var adviceEnglish: String {
    switch self {
    case .truncated, .unreadable, .replaced, .changed, .brokenDocument:
      "ask the sender to export again and to deliver when the transfer is complete"
    case .recordCount, .wrongName, .wrongSize, .wrongHash, .promisesDiffer, .signUnclear,
      .documentCount, .documentCountUnreadable:
      "ask the sender to compare file and manifest and to deliver both again"
    case .empty: "release it if there really was nothing; else ask the sender to export again"
    case .mojibake: "ask the sender to export in one encoding, without another program in between"
    case .foreignHeader, .foreignDocument: "check category and header; deliver again"
    case .classified:
      "tell the officer in charge of secrets; never release, the sender removes the records"
    case .secrecyUnreadable:
      "treat as classified; never release, the sender corrects the secrecy level"
    case .findings, .returnedShare:
      "mostly a changed export: ask the sender; release it if the records are really bad"
    case .missingColumns, .newColumns:
      "ask whether the form has changed; if so change sources/ first, then release"
    case .noAdapter: "add the adapter to sources/, then release"
    case .other: "look at the original and the ledger, then release or reject"
    }
  }
}
