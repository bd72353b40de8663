/// What one field of enforcement is about.
struct Profile: Sendable {
  /// Behind the name of the city or district.
  var office: String
  /// In document numbers.
  var word: String
  /// Before the numbers that the system gives.
  var prefix: String
  /// Capitals in codes of inspection items.
  var item: String
  /// Of a hundred cases, those against natural persons.
  var persons: Int
  /// Of a hundred cases, those about a vehicle.
  var vehicles = 2
  var violations: [Violation]
  var licences: [Licence] = []
  /// Codes of CL26.
  var facilities: [String] = []
  /// Code of CL65.
  var monitorKind = ""
  var readings: [Reading] = []
  var checkPoints: [[String]]
  var problems: [String]
  var evidence = ["现场检查录像", "进货票据", "询问笔录", "现场照片", "证人证言"]
  var goods: String
  /// Codes of CL58.
  var channels = ["01", "01", "05", "06"]
  /// Codes of CL60.
  var issues: [String] = ["99"]
  var complaints: [String]
  var opinions: [String] = []
  var clues: [String]

  struct Violation: Sendable {
    var code: String
    var words: String
    var basis: String
  }

  struct Licence: Sendable {
    /// Code of CL19.
    var type: String
    var name: String
    var item: String
  }

  /// What is measured; limits and values × 10^4.
  struct Reading: Sendable {
    var item: String
    var unit: String
    var low: Int?
    var high: Int?

    init(_ item: String, _ unit: String, low: Int? = nil, high: Int? = nil) {
      self.item = item
      self.unit = unit
      self.low = low
      self.high = high
    }
  }
}

extension Bureau {
  /// Made anew, because counting references to one profile from two cores would cost more than the
  /// work itself.
  func makeProfile() -> Profile {
    switch self {
    case .sam: Self.marketSupervision
    case .mee: Self.environment
    case .mot: Self.transport
    case .urb: Self.urbanManagement
    case .mem: Self.workSafety
    case .mps: Self.police
    case .mnr: Self.naturalResources
    case .ara: Self.agriculture
    case .cul: Self.culture
    case .nhc: Self.health
    case .nmp: Self.drugs
    case .hud: Self.construction
    }
  }

  private static var marketSupervision: Profile {
    Profile(
      office: "市场监督管理局", word: "市监", prefix: "QY", item: "SCJG", persons: 12,
      violations: [
        .init(code: "SC01", words: "经营超过保质期的食品", basis: "《中华人民共和国食品安全法》第一百二十四条第一款第五项"),
        .init(code: "SC01", words: "销售超过保质期的预包装食品", basis: "《中华人民共和国食品安全法》第三十四条第十项、第一百二十四条"),
        .init(code: "SC02", words: "未取得食品经营许可从事食品经营活动", basis: "《中华人民共和国食品安全法》第一百二十二条第一款"),
        .init(code: "SC03", words: "对商品的质量作虚假的商业宣传", basis: "《中华人民共和国反不正当竞争法》第二十条第一款"),
        .init(code: "SC04", words: "不按照规定明码标价", basis: "《中华人民共和国价格法》第四十二条"),
        .init(code: "QT99", words: "未按照规定公示许可信息", basis: "《企业信息公示暂行条例》第十七条"),
      ],
      facilities: ["01", "01", "01", "02", "03", "05", "07"], monitorKind: "2",
      readings: [
        .init("F003", "mg/kg", high: 5000), .init("F004", "mg/kg", high: 10_000),
        .init("F004", "mg/kg", high: 2500),
      ],
      checkPoints: [["CY01", "CY02", "CY03"], ["CY04", "CY05"], ["CY09", "CY10"], ["AQ03"]],
      problems: ["冷藏柜内有超过保质期的食品", "未公示许可证", "从业人员健康证明过期,\"三防\"设施不全"],
      goods: "超过保质期的食品", channels: ["01", "02", "02", "04", "06"],
      issues: ["01", "01", "08", "07", "99"],
      complaints: ["反映该店销售过期食品", "反映用餐后腹泻,要求核查", "称\"满减\"活动与宣传不符", "反映不明码标价,\n已拍照"],
      opinions: ["网友反映餐馆卫生", "直播间销售食品标签不全", "集贸市场短斤少两"],
      clues: ["餐饮油烟问题线索", "涉嫌销售假冒注册商标的商品", "无证行医线索"])
  }

  private static var environment: Profile {
    Profile(
      office: "生态环境局", word: "环", prefix: "HB", item: "STHJ", persons: 4,
      violations: [
        .init(code: "ST01", words: "超过大气污染物排放标准排放污染物", basis: "《中华人民共和国大气污染防治法》第九十九条第二项"),
        .init(code: "ST02", words: "未依法报批建设项目环境影响报告表擅自开工建设", basis: "《中华人民共和国环境影响评价法》第三十一条"),
        .init(code: "ST03", words: "篡改自动监测数据", basis: "《中华人民共和国大气污染防治法》第九十九条第三项"),
      ],
      licences: [.init(type: "07", name: "排污许可证", item: "废水、废气排放")],
      facilities: ["04"], monitorKind: "1",
      readings: [
        .init("a21026", "mg/m3", high: 2_000_000), .init("a21002", "mg/m3", high: 3_000_000),
        .init("a34013", "mg/m3", high: 300_000), .init("w01018", "mg/L", high: 5_000_000),
        .init("w21003", "mg/L", high: 450_000),
      ],
      checkPoints: [["HJ01", "HJ02"], ["HJ01"], ["HJ02"]],
      problems: ["污染防治设施未正常运行", "在线监测设备未按规定校准", "危险废物贮存间标识不全"],
      evidence: ["采样照片", "监测报告", "现场检查视频", "自动监测数据"], goods: "污染治理设施",
      channels: ["01", "03", "03", "05"], issues: ["03"],
      complaints: ["反映夜间有异味", "称河道水体发黑", "反映厂区噪声扰民"],
      opinions: ["网友反映河水变色", "有人拍到烟囱冒黑烟"], clues: ["涉嫌非法倾倒危险废物", "涉嫌篡改监测数据"])
  }

  private static var transport: Profile {
    Profile(
      office: "交通运输局", word: "交", prefix: "JT", item: "JTYS", persons: 45, vehicles: 100,
      violations: [
        .init(code: "JT01", words: "车辆违法超限运输", basis: "《公路安全保护条例》第六十四条"),
        .init(code: "JT02", words: "未取得道路运输经营许可擅自从事道路客运经营", basis: "《中华人民共和国道路运输条例》第六十三条"),
      ],
      licences: [.init(type: "08", name: "道路运输经营许可证", item: "道路普通货物运输")],
      facilities: ["05"], monitorKind: "4",
      readings: [.init("T001", "t", high: 490_000), .init("T002", "%", high: 50_000)],
      checkPoints: [["QT99"]], problems: ["动态监控未正常使用", "车辆技术档案不全"],
      evidence: ["称重检测单", "卡口抓拍图片", "询问笔录"], goods: "涉案车辆",
      complaints: ["反映出租车拒载", "反映网约车无证营运"], clues: ["涉嫌非法改装车辆", "涉嫌伪造道路运输证"])
  }

  private static var urbanManagement: Profile {
    Profile(
      office: "城市管理局", word: "城管", prefix: "CG", item: "CSGL", persons: 40,
      violations: [
        .init(code: "CG01", words: "擅自占用城市道路摆摊设点", basis: "《城市道路管理条例》第四十二条"),
        .init(code: "CG02", words: "未取得建设工程规划许可证进行建设", basis: "《中华人民共和国城乡规划法》第六十四条"),
        .init(code: "CG03", words: "工地未采取有效防尘降尘措施", basis: "《中华人民共和国大气污染防治法》第一百一十五条"),
      ],
      checkPoints: [["QT99"]], problems: ["门前责任区不整洁", "渣土车辆未密闭"],
      evidence: ["现场照片", "执法记录仪视频", "询问笔录"], goods: "占道经营的物品",
      channels: ["01", "01", "01", "04"], issues: ["04", "05", "06", "10"],
      complaints: ["反映占道经营", "反映工地夜间施工", "反映违规停车"], opinions: ["网友反映渣土撒漏", "网友反映违建"],
      clues: ["涉嫌擅自倾倒建筑垃圾", "涉嫌无证经营燃气"])
  }

  private static var workSafety: Profile {
    Profile(
      office: "应急管理局", word: "应急", prefix: "YJ", item: "YJGL", persons: 5,
      violations: [
        .init(code: "YJ01", words: "未按照规定开展应急演练", basis: "《中华人民共和国安全生产法》第九十七条第六项"),
        .init(code: "YJ02", words: "特种作业人员未取得资格上岗作业", basis: "《中华人民共和国安全生产法》第九十七条第七项"),
        .init(code: "YJ03", words: "违反规定储存危险化学品", basis: "《危险化学品安全管理条例》第八十条"),
      ],
      licences: [
        .init(type: "05", name: "危险化学品经营许可证", item: "危险化学品经营(带储存)"),
        .init(type: "06", name: "安全生产许可证", item: "危险化学品生产"),
      ],
      facilities: ["02", "02", "03"], monitorKind: "3",
      readings: [
        .init("E001", "kPa", low: 10_000, high: 8_000_000), .init("E002", "m", high: 120_000),
        .init("E003", "Cel", low: -200_000, high: 450_000),
      ],
      checkPoints: [["AQ01", "AQ02"], ["AQ03"]], problems: ["未开展年度应急演练", "储罐区警示标志缺失"],
      goods: "危险化学品", issues: ["07"], complaints: ["反映厂区存在安全隐患", "反映违规动火"],
      opinions: ["网友反映化工厂异响"], clues: ["涉嫌无证经营危险化学品", "涉嫌瞒报事故"])
  }

  private static var police: Profile {
    Profile(
      office: "公安局", word: "公", prefix: "GA", item: "GAXZ", persons: 88, vehicles: 25,
      violations: [
        .init(code: "GA01", words: "占用、堵塞疏散通道", basis: "《中华人民共和国消防法》第六十条第三项"),
        .init(code: "QT99", words: "殴打他人", basis: "《中华人民共和国治安管理处罚法》第四十三条第一款"),
        .init(code: "QT99", words: "扰乱公共场所秩序", basis: "《中华人民共和国治安管理处罚法》第二十三条"),
      ],
      checkPoints: [["QT99"]], problems: ["旅客信息登记不全", "监控存储不足三十日"],
      evidence: ["讯问录像", "伤情照片", "询问笔录"], goods: "涉案物品", complaints: ["反映噪声扰民"],
      clues: ["涉嫌销售伪劣商品", "涉嫌非法经营"])
  }

  private static var naturalResources: Profile {
    Profile(
      office: "规划和自然资源局", word: "自然资", prefix: "ZR", item: "ZRZY", persons: 20,
      violations: [
        .init(code: "ZR01", words: "未经批准占用土地", basis: "《中华人民共和国土地管理法》第七十七条")
      ],
      licences: [.init(type: "16", name: "采矿许可证", item: "建筑用砂岩露天开采")],
      checkPoints: [["QT99"]], problems: ["超出批准范围用地", "临时用地到期未复垦"], goods: "涉案设备",
      complaints: ["反映违法占用耕地"], clues: ["涉嫌非法采矿", "涉嫌非法占用农用地"])
  }

  private static var agriculture: Profile {
    Profile(
      office: "农业农村局", word: "农", prefix: "NY", item: "NYNC", persons: 30,
      violations: [
        .init(code: "NY01", words: "经营劣质农药", basis: "《农药管理条例》第五十六条"),
        .init(code: "NY01", words: "经营假种子", basis: "《中华人民共和国种子法》第七十四条"),
      ],
      licences: [
        .init(type: "14", name: "兽药经营许可证", item: "兽药(非生物制品)经营"),
        .init(type: "15", name: "农药经营许可证", item: "农药(限制使用农药除外)"),
      ],
      monitorKind: "2",
      readings: [.init("F003", "mg/kg", high: 2000), .init("F003", "mg/kg", high: 500)],
      checkPoints: [["QT99"]], problems: ["进销台账不完整", "农药未分区摆放"], goods: "农药",
      complaints: ["反映种子不发芽", "反映农药无效"], clues: ["涉嫌生产销售伪劣农资", "涉嫌非法捕捞"])
  }

  private static var culture: Profile {
    Profile(
      office: "文化广电旅游局", word: "文", prefix: "WH", item: "WHSC", persons: 15,
      violations: [
        .init(code: "WH01", words: "擅自从事娱乐场所经营活动", basis: "《娱乐场所管理条例》第四十一条")
      ],
      licences: [.init(type: "11", name: "娱乐经营许可证", item: "歌舞娱乐")],
      checkPoints: [["QT99"]], problems: ["接纳未成年人", "未悬挂警示标志"], goods: "游戏机",
      complaints: ["反映歌厅噪声", "反映导游强迫购物"], clues: ["涉嫌非法出版物", "涉嫌无证导游"])
  }

  private static var health: Profile {
    Profile(
      office: "卫生健康局", word: "卫", prefix: "WJ", item: "WSJK", persons: 20,
      violations: [
        .init(code: "WJ01", words: "未取得医疗机构执业许可证擅自执业", basis: "《中华人民共和国基本医疗卫生与健康促进法》第九十九条第一款"),
        .init(code: "QT99", words: "公共场所未按规定对顾客用品用具消毒", basis: "《公共场所卫生管理条例实施细则》第三十六条"),
      ],
      licences: [
        .init(type: "09", name: "公共场所卫生许可证", item: "宾馆、理发店"),
        .init(type: "10", name: "医疗机构执业许可证", item: "全科医疗科、口腔科"),
      ],
      monitorKind: "2",
      readings: [.init("F001", "CFU/g", high: 1_000_000), .init("F002", "CFU/g", high: 100_000)],
      checkPoints: [["QT99"]], problems: ["消毒记录不全", "医疗废物登记不全"], goods: "医疗器械",
      complaints: ["反映诊所无证行医", "反映理发工具未消毒"], clues: ["涉嫌非法行医", "涉嫌非法采供血"])
  }

  private static var drugs: Profile {
    Profile(
      office: "药品监督管理局", word: "药监", prefix: "YP", item: "YPJG", persons: 6,
      violations: [
        .init(code: "YP01", words: "销售劣药", basis: "《中华人民共和国药品管理法》第一百一十七条第一款"),
        .init(code: "YP01", words: "从非法渠道购进药品", basis: "《中华人民共和国药品管理法》第一百二十九条"),
      ],
      licences: [
        .init(type: "03", name: "药品经营许可证", item: "处方药、非处方药零售"),
        .init(type: "04", name: "药品生产许可证", item: "片剂、硬胶囊剂"),
      ],
      facilities: ["99"], monitorKind: "5",
      readings: [.init("Y001", "%", low: 900_000, high: 1_100_000)],
      checkPoints: [["QT99"]], problems: ["阴凉柜温度超标", "处方药未凭处方销售"], goods: "药品",
      channels: ["01", "02", "05"], issues: ["02"], complaints: ["反映药店销售过期药品", "反映不凭处方售药"],
      clues: ["涉嫌生产销售假药", "涉嫌骗取医保"])
  }

  private static var construction: Profile {
    Profile(
      office: "住房和城乡建设局", word: "建", prefix: "ZJ", item: "ZFJS", persons: 5,
      violations: [
        .init(code: "ZJ01", words: "将承包的工程违法分包", basis: "《建设工程质量管理条例》第六十二条"),
        .init(code: "CG03", words: "施工工地未设置硬质围挡", basis: "《中华人民共和国大气污染防治法》第一百一十五条"),
      ],
      licences: [
        .init(type: "13", name: "建筑业企业资质证书", item: "建筑工程施工总承包二级"),
        .init(type: "12", name: "燃气经营许可证", item: "瓶装燃气销售"),
      ],
      facilities: ["06", "01", "06"], monitorKind: "6",
      readings: [.init("a34004", "ug/m3", high: 750_000), .init("a34013", "mg/m3", high: 10_000)],
      checkPoints: [["AQ02", "AQ03"], ["QT99"]], problems: ["塔吊检验过期", "裸土未覆盖"],
      goods: "施工机具", issues: ["05", "07"], complaints: ["反映工地扬尘", "反映房屋质量问题"],
      clues: ["涉嫌围标串标", "涉嫌伪造资质"])
  }
}
