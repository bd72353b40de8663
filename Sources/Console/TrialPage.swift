import Access
import Catalog
import Pipeline
import Review

/// A rule with another condition or severity, to be tried on the deliveries of the last nights.
struct TrialForm: ConsoleView {
  let rule: Rule
  let session: Session
  let language: ReportLanguage
  /// What was typed, where it has to be typed again.
  var form: [String: String] = [:]
  var problem: HTML?

  var content: HTML {
    let alert: HTML =
      problem.map { "<div class=\"alert\" role=\"alert\" id=\"problem\">\($0)</div>" } ?? ""
    let words = ConsoleWords(language)
    let severities = Severity.allCases.filter { $0 != .hold }.map {
      (value: $0.rawValue, title: words.severity($0.rawValue))
    }
    return """
      <section class="sheet acts" aria-labelledby="try"><h2 id="try">\(of("试算改动", "Try a change"))</h2>\(alert)
      <p class="note">\(of("用最近 \(ShadowDeliveries.nights) 天归档的 \(rule.category) 批次，按现在的规则和改动后的规则各判一遍，列出会变的判定。规则本身不变：改动要由专人提交到定义目录。", "Archived deliveries of \(rule.category) of the last \(ShadowDeliveries.nights) days are judged by the present rule and by the changed one; what would change is listed. The rule stays as it is: somebody has to commit a change of the definitions."))</p>
      <details\(flag: "open", problem != nil)><summary>\(of("改动这条规则", "Change this rule"))</summary>
      <form method="post" action="/rules/\(rule.id)/try#try"><input type="hidden" name="form" value="\(session.formToken)"/>
      \(field("when", of("适用条件（空为所有记录）", "Applies when (empty: to every record)"), rule.when?.source ?? ""))\(field("holds", of("应满足", "Must hold"), rule.holds.source))
      \(select("severity", of("严重程度", "severity"), severities, chosen: form["severity"] ?? rule.severity.rawValue))
      <button>\(of("试算", "Try it"))</button></form></details></section>

      """
  }

  private func field(_ name: String, _ label: String, _ present: String) -> HTML {
    """
    <p><label for="try-\(name)">\(label)</label>
    <textarea id="try-\(name)" name="\(name)" rows="3" maxlength="4000" spellcheck="false">\(form[name] ?? present)</textarea></p>

    """
  }
}

/// A trial that runs, or that ended without a result.
struct TrialPage: ConsoleView {
  let trial: RuleTrials.Trial
  let session: Session
  let language: ReportLanguage

  /// One line for the list of results.
  static func line(_ trial: RuleTrials.Trial, _ language: ReportLanguage) -> HTML {
    """
    <p><a href="/shadow/\(trial.name)"><bdi>\(trial.name)</bdi></a> \(state(trial, language))</p>

    """
  }

  private static func state(_ trial: RuleTrials.Trial, _ language: ReportLanguage) -> String {
    if let failure = trial.failure { return language.of(failure.chinese, failure.english) }
    if trial.deliveries == 0 { return language.of("正在开始", "begins") }
    let (done, all) = (language.number(trial.done), language.number(trial.deliveries))
    if trial.isCancelled {
      return language.of(
        "正在取消：\(done) / \(all) 个批次", "being cancelled: \(done) of \(all) deliveries")
    }
    return language.of("正在试算：\(done) / \(all) 个批次", "runs: \(done) of \(all) deliveries")
  }

  var content: HTML {
    let isMine = trial.person.isSameUser(as: session.account.person)
    let mayCancel = isMine && trial.failure == nil && !trial.isCancelled
    let cancel: HTML =
      mayCancel
      ? """
      <form method="post" action="/shadow/\(trial.name)/cancel"><input type="hidden" name="form" value="\(session.formToken)"/>
      <button>\(of("取消试算", "Cancel"))</button></form>
      """ : ""
    let progress: HTML =
      trial.failure == nil && trial.deliveries > 0
      ? "<progress max=\"\(trial.deliveries)\" value=\"\(trial.done)\"></progress>" : ""
    let back: HTML = "<p><a href=\"/rules/\(trial.rule)\">← \(trial.rule)</a></p>"
    return back
      + section(
        "about", trial.name,
        facts([
          (of("何人", "who"), "\(trial.person.department) \(trial.person.user)"),
          (
            of("何时", "when"),
            String(Moment.text(trial.begun).prefix(16)).replacing("T", with: " ")
          ),
        ]) + "<p role=\"status\">\(Self.state(trial, language))</p>\(progress)\(cancel)")
  }
}
