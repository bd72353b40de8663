/// The words of which invented names are made. No name is that of a person or company we know of.
enum Words {
  static let surnames = characters(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
      + "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
  )
  static let givenNames = characters(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国文志新玉林红梅春生海燕子涵宇轩梓晨欣"
      + "怡浩然思远佳琪雨桐嘉懿诗瑶俊熙若曦博文一诺睿泽雅琴晓东小龙大鹏国栋振宇立新永康德福长青少华"
  )
  /// Seldom in names; GBK has only the last two: 䶮 㐂 𬬭 are not in it.
  static let rareGivenNames = ["䶮", "㐂", "𬬭", "喆", "镕"]
  static let firstSyllables = characters("福瑞祥隆顺鑫恒泰宏嘉百味丰源润康悦锦香满聚德盛天蓉川江锦沁禾谷稻蜀")
  static let secondSyllables = characters("来源达利兴茂昌和丰园记楼轩斋坊居阁苑堂庄号盈通缘味鲜宝发聚宸澜")
  static let districts = [
    "东湖", "西桥", "南园", "北塔", "青石", "龙泉湾", "新渡", "云溪", "白鹭洲", "金水河", "望山", "石桥",
  ]
  static let streets = ["示例路", "清河大道", "望江街", "书院巷", "竹林路", "解放北路", "滨湖东路", "工业一路", "桂溪街", "和平里"]
  static let kindsOfBusiness: [Business] = [
    Business("餐饮", "H6210", "02", "餐饮服务;食品销售"),
    Business("火锅", "H6210", "02", "餐饮服务(热食类、冷食类食品制售)"),
    Business("食品", "F5226", "01", "食品销售;日用百货零售"),
    Business("超市", "F5212", "01", "食品、日用百货、文具用品零售"),
    Business("食品加工", "C1432", "08", "食品生产;食品销售"),
    Business("建材", "F5165", nil, "建筑材料、五金产品批发零售"),
    Business("电子科技", "I6513", nil, "软件开发;电子产品销售"),
    Business("机械制造", "C3429", nil, "机械设备制造、销售、维修"),
    Business("化工", "C2614", nil, "化工产品销售(危险化学品凭许可证经营)"),
    Business("物业管理", "K7020", nil, "物业管理;停车场服务"),
    Business("商贸", "F5199", nil, "国内贸易代理;货物进出口"),
    Business("广告传媒", "L7251", nil, "广告设计、制作、代理、发布"),
  ]

  struct Business: Sendable {
    var word: String
    var industry: String
    /// Code of CL17 for food businesses.
    var foodFormat: String?
    var scope: String

    init(_ word: String, _ industry: String, _ foodFormat: String?, _ scope: String) {
      self.word = word
      self.industry = industry
      self.foodFormat = foodFormat
      self.scope = scope
    }
  }

  /// - Parameter isCopied: Whether other systems have to write the name too, some of them in GBK.
  static func person(_ dice: inout Dice, isCopied: Bool = false) -> String {
    var name = dice.pick(surnames) + dice.pick(givenNames)
    if dice.happens(70) { name += dice.pick(givenNames) }
    if dice.roll(150) == 0 {
      name += dice.pick(isCopied ? Array(rareGivenNames.suffix(2)) : rareGivenNames)
    }
    if dice.roll(200) == 0 { name = "阿卜杜" + dice.pick(givenNames) + "·买买" + dice.pick(givenNames) }
    return name
  }

  static func brand(_ dice: inout Dice) -> String {
    dice.pick(firstSyllables) + dice.pick(secondSyllables)
  }

  static func address(_ dice: inout Dice, district: String) -> String {
    var address = "清源市\(district)\(dice.pick(streets))\(dice.roll(1...388))号"
    if dice.happens(40) {
      address +=
        "\(dice.roll(1...28))栋\(dice.roll(1...6))单元\(dice.roll(1...30))0\(dice.roll(1...9))号"
    }
    if dice.happens(10) { address += "附\(dice.roll(1...20))号" }
    return address
  }

  private static func characters(_ text: String) -> [String] { text.map { String($0) } }
}
