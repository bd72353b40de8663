import Catalog

extension Linter {
  /// Names are Chinese, their translations are not.
  func checkTexts() {
    for group in catalog.elementGroups {
      texts(group.name, group.english, DefinitionPath("element-groups", group.name))
    }
    for element in catalog.elements {
      texts(element.name, element.english, .element(element.identifier))
    }
    for list in catalog.codeLists {
      let path = DefinitionPath.codeList(list.id)
      texts(list.name, list.english, path)
      for value in list.values { texts(nil, value.english, path.at("values", value.code)) }
    }
    for group in catalog.groups {
      texts(group.name, group.english, DefinitionPath("groups", group.id))
    }
    for category in catalog.categories {
      texts(category.name, category.english, .category(category.id))
    }
    for rule in catalog.rules {
      texts(rule.name, rule.english, .rule(rule.id))
    }
    for entity in catalog.authority.entities where categories[entity.id] == nil {
      texts(entity.name, entity.english, .entity(entity.id))
    }
    for rule in catalog.authority.rules { texts(rule.name, rule.english, .rule(rule.id)) }
    for system in catalog.systems {
      texts(system.name, system.english, .system(system.id))
    }
    for type in catalog.issueTypes {
      texts(type.name, type.english, .issueType(type.code.rawValue))
    }
    for identifier in catalog.identifiers {
      let path = DefinitionPath.identifier(identifier.kind)
      texts(identifier.name, identifier.english, path)
      if !identifier.formChinese.isEmpty, !identifier.formChinese.hasChinese {
        log.report(
          .nameWithoutChinese, at: places.place(path.at("form-zh")),
          "\"form-zh\" is \"\(identifier.formChinese)\"; write it in Chinese, English stands "
            + "under \"form-en\"")
      }
    }
    for domain in catalog.coreDomains {
      texts(domain.name, domain.english, .domain(domain.domain.rawValue))
    }
  }

  func texts(_ name: String?, _ english: String, _ path: DefinitionPath) {
    if english.hasChinese {
      log.report(
        .englishHasChinese, at: places.place(path.at("english")),
        "\"english\" is \"\(english)\"; translate it, Chinese stands under \"name\"")
    }
    if let name, !name.isEmpty, !name.hasChinese {
      log.report(
        .nameWithoutChinese, at: places.place(path.at("name")),
        "\"name\" is \"\(name)\"; write it in Chinese, English stands under \"english\"")
    }
  }
}
