# Runs the expanded cases in $AR_CASES_JSON through the Ruby package: each step builds its public types and calls its
# public functions, and what they answer is compared as canonical bytes. The format is in ar-core/cases/README.md.
require "json"
require_relative "facts"

# What is no answer of the engine but a fault of a case or of this file.
class Unusable < StandardError; end

# One case: the ledger so far, the last proposal, settlement and dunning run.
class Engine
  def initialize(settings)
    @currencies = settings["currencies"].is_a?(Hash) ? settings["currencies"] : {}
    @settings = settings
    @text = JSON.generate(settings)
    @digits = {}
    @ledger = nil
    @proposal = nil
    @settlement = nil
  end

  def step(step)
    verb = step["do"]
    raise Unusable, "no verb #{verb}" unless VERBS.include?(verb)

    send(verb, step)
  end

  VERBS = %w[
    load append open_items pending matches aging aging_items explain_aging reconcile propose explain_proposal post
    settle settle_without settle_edit post_settlement dun dun_without post_dunning simulate_dunning compare_dunning audit_dunning
    lint_dunning undo picture exposure credit_check credit_alerts propose_limit provision explain_provision loss_rates back_test kpis kpi_registry explain_dso predict cash_forecast cash_at_risk forecast_accuracy compare_forecast prediction_drift
    prediction_calibration revaluation interest explain_interest debt_interest money split due_dates explain_due_dates day_count
    discount_rates business_day import creditor_reference check_creditor_reference local_money local_date letter
    notice_letters
  ].freeze

  private

  def ledger
    @ledger ||= R::Ledger.load(R::Facts.new)
  end

  def load(step)
    @ledger = step["raw"] ? R::Ledger.from_json(step["json"], @text) : R::Ledger.load(facts_of(step["facts"]), @text)
    {}
  end

  def append(step)
    recorded = Date.iso8601(step["recorded"])
    @ledger = if step["raw"] then ledger.append_json(step["json"], recorded)
              else ledger.append(facts_of(step["facts"]), recorded)
              end
    {}
  end

  def view(step)
    ledger.as_of(Date.iso8601(step["as_of"]), step["known_on"] && Date.iso8601(step["known_on"]))
  end

  # Digits after the point, which the engine knows.
  def digits(currency)
    @digits[currency] ||= R.money(0, currency, JSON.generate("currencies" => @currencies)).text.partition(".").last.size
  end

  # Money at the scale of its currency, which a BigDecimal does not keep. A digit too many would be seen.
  def shown(amount, currency)
    return if amount.nil?

    whole, _, part = amount.to_s("F").partition(".")
    part = part.sub(/0+\z/, "").ljust(currency ? digits(currency) : 0, "0")
    part.empty? ? whole : "#{whole}.#{part}"
  end

  def base_currency(company)
    @settings.dig("companies", company, "base_currency") || @settings["base_currency"]
  end

  # A record as the case format has it: its attributes by their names, its money in its currency, days as text.
  def plain(value, currency = nil)
    case value
    when nil, String, Numeric, true, false then value.is_a?(BigDecimal) ? shown(value, currency) : value
    when Date then value.iso8601
    when Array then value.map { |part| plain(part, currency) }
    when Hash then value.transform_values { |part| plain(part, currency) }
    else fields_of(value, value.respond_to?(:currency) ? value.currency : currency)
    end
  end

  def fields_of(record, currency)
    record.instance_variables.to_h do |name|
      name = name.to_s.delete_prefix("@")
      [NAMES.key(name) || name, plain(record.public_send(name), currency)]
    end
  end

  def open_items(step)
    { "items" => view(step).open_items.map { |item|
      plain(item).merge("base_open" => shown(item.base_open, base_currency(item.company)))
    } }
  end

  def pending(step)
    view = view(step)
    { "facts" => plain(view.pending), "receipts" => plain(view.pending_receipts) }
  end

  def matches(step)
    view = view(step)
    companies = view.facts.documents.to_h { |document| [document.id, document.company] }
    { "matches" => view.matches.map { |match|
      base = { "base_credit" => match.credit || match.debit, "base_debit" => match.debit || match.credit }
      base = base.transform_values { |document| base_currency(companies[document]) }
      base["exchange"] = base["base_credit"]
      money = base.to_h { |name, currency| [name, shown(match.public_send(name), currency)] }
      plain(match).merge(money, "debit_amount" => shown(match.debit_amount, match.debit_currency))
    } }
  end

  def policy(step, room)
    return R.profile(room, step["profile"]) if step["profile"]

    JSON.generate(step["policy"] || {})
  end

  def aged(step)
    view(step).aging(policy(step, "aging"), step["by"] || [], step["where"] || {})
  end

  def aging(step)
    aging = aged(step)
    { "labels" => aging.labels, "column_labels" => aging.column_labels,
      "rows" => aging.rows.map { |group| keyed(group, aging.by) },
      "totals" => aging.totals.map { |total| keyed(total, []) } }
  end

  def aging_items(step)
    { "items" => plain(aged(step).items) }
  end

  def explain_aging(step)
    asked = %w[customer document instalment bucket].to_h { |name| [name.to_sym, step[name]] }
    { "items" => plain(aged(step).explain(R::AgingQuestion.new(**asked))) }
  end

  def reconcile(step)
    balances = step["balances"].map { |row| R::ControlBalance.new(**fields(row)) }
    { "differences" => plain(view(step).reconcile(balances)) }
  end

  def propose(step)
    @proposal = view(step).propose(policy(step, "allocation"))
    { "lines" => plain(@proposal.lines), "unapplied" => plain(@proposal.unapplied) }
  end

  def explain_proposal(step)
    plain(@proposal.explain(step["credit"], step["debit"]))
  end

  def post(step)
    facts = @proposal.facts(step["id_prefix"])
    # The lines have the currencies, in the order of the rows.
    rows = facts.allocations.zip(@proposal.lines).map { |row, line| plain(row, line.currency) }
    @ledger = ledger.append(facts, Date.iso8601(step["recorded"]))
    { "allocations" => rows }
  end

  def settle(step)
    @view = view(step)
    settled(@view.settle(policy(step, "settlement")))
  end

  def settle_edit(step)
    edits = step["edits"].map do |row|
      R::SettlementEdit.new(line: row["line"], document: row["document"], instalment: row["instalment"],
                            amount: row["amount"] && BigDecimal(row["amount"]), drop: row["drop"] || false,
                            discount: row["discount"] && R::DiscountDecision.const_get(row["discount"].upcase), reason: row["reason"])
    end
    settled(@settlement.edit(edits))
  end

  def settle_without(step)
    settled(@settlement.without(step["lines"]))
  end

  # The last settlement from now on. What it tells about all of itself is all that it tells.
  def settled(settlement)
    @settlement = settlement
    about = settlement.explain
    lines = about.lines.map { |line| line_of(line) }
    differences = differences_of(about)
    unless lines == settlement.lines.map { |line| line_of(line) } && differences.size == settlement.differences.size
      raise Unusable, "explain differs"
    end

    { "lines" => lines, "differences" => differences, "unapplied" => plain(settlement.unapplied),
      "questions" => settlement.questions.map { |one| plain(one).merge("amount" => shown(one.amount, currency_of(one.document))) },
      "proof" => plain(settlement.proof), "exchange" => plain(settlement.exchange) }
  end

  # The open item of a document on the day of the settlement, which says its currency and its company.
  def item_of(document)
    @view.open_items.find { |item| item.document == document }
  end

  def currency_of(document)
    item_of(document)&.currency
  end

  def line_of(line)
    base = base_currency(item_of(line.credit).company)
    in_debit = %i[debit_amount debit_left].to_h { |name| [name.to_s, shown(line.public_send(name), line.debit_currency)] }
    in_base = %i[base_credit base_debit exchange].to_h { |name| [name.to_s, shown(line.public_send(name), base)] }
    plain(line).merge(in_debit, in_base)
  end

  # A limit is in the currency of the credit.
  def differences_of(about)
    about.differences.map do |row|
      limit = { "limit" => shown(row.limit, about.lines[row.line].currency) }
      plain(row).merge(limit, in_base(row, %i[base_amount base_document exchange]))
    end
  end

  def in_base(row, names)
    base = base_currency(item_of(row.document).company)
    names.to_h { |name| [name.to_s, shown(row.public_send(name), base)] }
  end

  # The lines have the currencies of the allocations, in the order of the rows; the documents are known by the view.
  def post_settlement(step)
    facts = @settlement.facts(step["id_prefix"])
    allocations = facts.allocations.zip(@settlement.lines).map do |row, line|
      base = base_currency(item_of(line.credit).company)
      in_base = %i[base_credit base_debit].to_h { |name| [name.to_s, shown(row.public_send(name), base)] }
      plain(row, line.currency).merge(in_base, "debit_amount" => shown(row.debit_amount, line.debit_currency))
    end
    differences = facts.differences.map do |row|
      plain(row, currency_of(row.document)).merge(in_base(row, %i[base_amount base_document]))
    end
    documents = facts.documents.map { |row| plain(row).merge("base_amount" => shown(row.base_amount, base_currency(row.company))) }
    @ledger = ledger.append(facts, Date.iso8601(step["recorded"]))
    { "allocations" => allocations, "differences" => differences, "documents" => documents }
  end

  def dunning_policy(step, profile = "profile", policy = "policy")
    return R.profile("dunning", step[profile]) if step[profile]

    JSON.generate(step[policy] || {})
  end

  def dun(step)
    dunned(view(step).dun(dunning_policy(step)))
  end

  def dun_without(step)
    dunned(@run.without(step["notices"]))
  end

  # The last run from now on. What it counts and what it explains is what it tells.
  def dunned(run)
    @run = run
    skipped = run.skipped
    raise Unusable, "counts differ" unless run.skipped_counts.values.sum == skipped.size
    unless skipped.first(3).all? { |item| run.explain(item.document, item.instalment).reason == item.reason }
      raise Unusable, "explain differs"
    end

    { "notices" => plain(run.notices), "skipped" => plain(skipped), "events" => plain(run.events) }
  end

  def post_dunning(step)
    facts = @run.facts(step["id_prefix"])
    @ledger = ledger.append(facts, Date.iso8601(step["recorded"])) if step["recorded"]
    { "notices" => plain(facts.notices), "notice_lines" => plain(facts.notice_lines), "documents" => plain(facts.documents) }
  end

  def period(step)
    [Date.iso8601(step["from"]), Date.iso8601(step["to"])]
  end

  def simulate_dunning(step)
    made = ledger.simulate_dunning(dunning_policy(step), *period(step))
    paid = made.paid_already.map { |row| plain(row).merge("amount" => shown(row.amount, paid_currency(made, row))) }
    { "notices" => made.notices.map { |row| plain(row.notice).merge("day" => plain(row.day)) }, "days" => plain(made.days),
      "customers" => made.customers, "totals" => plain(made.totals), "paid_already" => paid }
  end

  # The currency of the notice that has the line.
  def paid_currency(made, row)
    line = ->(one) { one.document == row.document && one.instalment == row.instalment }
    made.notices.find { |held| held.day == row.day && held.notice.lines.any?(&line) }.notice.currency
  end

  def compare_dunning(step)
    other = dunning_policy(step, "other_profile", "other")
    rows = ledger.compare_dunning(dunning_policy(step), other, *period(step))
    { "rows" => rows.map { |row| plain(row).merge("in" => row.within) } }
  end

  def audit_dunning(step)
    { "deviations" => plain(ledger.audit_dunning(dunning_policy(step), *period(step), step["tolerance_days"] || 0)) }
  end

  def lint_dunning(step)
    { "warnings" => plain(R.lint_dunning(dunning_policy(step))) }
  end

  def undo(step)
    facts = view(step).undo(step["ids"])
    @ledger = ledger.append(facts, Date.iso8601(step["recorded"])) if step["recorded"]
    { "reversals" => plain(facts.reversals), "cancellations" => plain(facts.cancellations) }
  end

  def revaluation(step)
    revaluation = view(step).revaluation
    items = revaluation.items.map do |row|
      in_base = %i[base_open revalued difference].to_h { |name| [name.to_s, shown(row.public_send(name), row.base_currency)] }
      plain(row).merge(in_base, "rate" => shown(row.rate, nil))
    end
    { "items" => items, "totals" => plain(revaluation.totals) }
  end

  # Per cent, and the money of segments in the currency of what they are of.
  def segments_of(row, currency)
    row.segments.map { |one| plain(one, currency).merge("percent" => shown(one.percent, nil)) }
  end

  def reckoned(report)
    items = report.items.map { |row| plain(row).merge("segments" => segments_of(row, row.currency)) }
    { "items" => items, "totals" => plain(report.totals) }
  end

  def picture(step)
    spec = JSON.parse(view(step).picture(JSON.generate(step["policy"] || {})))
    colours = spec["spec"]["encoding"].dig("color", "scale", "range")
    { "title" => spec["title"]["text"], "subtitle" => spec["title"]["subtitle"],
      "values" => spec["data"]["values"], "colours" => colours }
  end

  # The model of a step: sent as text and read back.
  def model(step)
    trained = ledger.as_of(Date.iso8601(step["trained"] || step["as_of"]), nil)
    R::PredictionModel.from_text(trained.train_prediction(JSON.generate(step["prediction"] || {})).to_text)
  end

  # A ratio, of which a BigDecimal does not keep the digits.
  def ratio(value, digits = 4)
    return if value.nil?

    whole, _, part = value.to_s("F").partition(".")
    "#{whole}.#{part.sub(/0+\z/, "").ljust(digits, "0")}"
  end

  CHANCES = %w[late open_after_30 open_after_60 open_after_90 paid_by_run coverage inside late_before late_since index].freeze

  # A row with its chances as they are told, and with reasons of what their rules look at alone.
  def told(row)
    all = plain(row)
    CHANCES.each { |name| all[name] = ratio(row.public_send(name)) if all.key?(name) }
    all["reasons"] = all["reasons"].map(&:compact) if all.key?("reasons")
    all["paid_by"] = row.paid_by.map { |chance| ratio(chance) } if all.key?("paid_by")
    all
  end

  def predict(step)
    ask = step["ask"] || {}
    days = (ask["paid_by"] || []).map { |day| Date.iso8601(day) }
    { "items" => view(step).predict(model(step), ask["quantiles"] || [], days).map { |row| told(row) } }
  end

  def cash_forecast(step)
    made = view(step).cash_forecast(model(step), policy(step, "cash"), step["by"] || [], step["where"] || {})
    @forecast = R::CashForecast.from_text(made.to_text)
    %w[day known_on last_day by quantiles trained_on rows totals sums total_sums].to_h { |name| [name, plain(made.public_send(name))] }
  end

  def cash_at_risk(step)
    { "items" => view(step).cash_at_risk(model(step), policy(step, "cash")).map { |row| told(row) } }
  end

  def forecast_accuracy(step)
    accuracy(ledger.forecast_accuracy(model(step), Date.iso8601(step["from"]), Date.iso8601(step["to"]), policy(step, "cash")))
  end

  def compare_forecast(_step)
    accuracy(ledger.compare_forecast(@forecast))
  end

  def accuracy(made)
    { "rows" => plain(made.rows), "totals" => made.totals.map { |row| told(row) } }
  end

  def prediction_drift(step)
    told(view(step).prediction_drift(model(step)))
  end

  def prediction_calibration(step)
    made = ledger.prediction_calibration(Date.iso8601(step["day"]), JSON.generate(step["prediction"] || {}), step["span"])
    two = %w[stated mean_error mean_bias].to_h { |name| [name, ratio(made.public_send(name), 2)] }
    told(made).merge(two, "tenths" => made.tenths.map { |tenth| ratio(tenth) })
  end

  def exposure(step)
    made = view(step).exposure(policy(step, "credit"), step["per"] || "customer", step["company"])
    { "rows" => plain(made.rows), "totals" => plain(made.totals) }
  end

  # A row with its keys by name.
  def keyed(row, keys)
    plain(row).except("by").merge(keys.zip(row.by).to_h)
  end

  def kpis(step)
    made = view(step).kpis(policy(step, "kpi"), step["by"] || [], step["where"] || {})
    { "rows" => made.rows.map { |row| keyed(row, made.by) }, "totals" => made.totals.map { |row| keyed(row, []) } }
  end

  def kpi_registry(_step)
    { "kpis" => plain(R.kpi_registry) }
  end

  def explain_dso(step)
    earlier = ledger.as_of(Date.iso8601(step["before"]), step["before_known_on"] && Date.iso8601(step["before_known_on"]))
    keys = (step["by"] || []) - ["currency"]
    made = view(step).explain_dso(earlier, policy(step, "kpi"), step["by"] || [], step["where"] || {})
    { "rows" => made.rows.map { |row| keyed(row, keys) }, "totals" => made.totals.map { |row| keyed(row, []) } }
  end

  def credit_alerts(step)
    earlier = ledger.as_of(Date.iso8601(step["before"]), step["before_known_on"] && Date.iso8601(step["before_known_on"]))
    told = view(step).credit_alerts(earlier, policy(step, "credit"))
    @ledger = ledger.append(told.facts, Date.iso8601(step["recorded"])) if step["recorded"]
    { "alerts" => plain(told.alerts) }
  end

  def propose_limit(step)
    known_on = step["known_on"] && Date.iso8601(step["known_on"])
    desk = ledger.credit(policy(step, "credit"), Date.iso8601(step["as_of"]), known_on)
    volume = step["monthly_volume"] && BigDecimal(step["monthly_volume"])
    plain(desk.propose_limit(step["currency"], step["customer"], volume, step["score"]))
  end

  def provided(step)
    before = (step["before"] || []).map { |row| R::ProvidedBefore.new(currency: row["currency"], amount: BigDecimal(row["amount"])) }
    view(step).provision(policy(step, "provision"), before)
  end

  def provision(step)
    made = provided(step)
    { "labels" => made.labels, "rows" => plain(made.rows), "pools" => plain(made.pools), "specific" => plain(made.specific),
      "totals" => plain(made.totals), "journal" => plain(made.journal) }
  end

  def explain_provision(step)
    question = R::ProvisionQuestion.new(
      customer: step["customer"], document: step["document"], currency: step["currency"], pool: step["pool"], bucket: step["bucket"]
    )
    { "items" => plain(provided(step).explain(question)) }
  end

  def loss_rates(step)
    plain(view(step).loss_rates(policy(step, "loss_rates")))
  end

  def back_test(step)
    earlier = ledger.as_of(Date.iso8601(step["then"]), step["then_known_on"] && Date.iso8601(step["then_known_on"]))
    question = step.slice("loss_kinds", "still_open")
    made = view(step).back_test(earlier, policy(step, "provision"), JSON.generate(question))
    { "then" => made.then_date.iso8601, "until" => made.until_date.iso8601, "rows" => plain(made.rows), "totals" => plain(made.totals) }
  end

  def credit_check(step)
    request = R::CreditRequest.new(
      customer: step["customer"], amount: BigDecimal(step["amount"]), currency: step["currency"], kind: step["kind"],
      company: step["company"], order: step["order"], follows: step["follows"],
      expected_date: step["expected_date"] && Date.iso8601(step["expected_date"]), net: step["net"] && BigDecimal(step["net"]),
      terms: step["terms"]
    )
    known_on = step["known_on"] && Date.iso8601(step["known_on"])
    desk = ledger.credit(policy(step, "credit"), Date.iso8601(step["as_of"]), known_on)
    told, short = desk.explain(request), desk.check(request)
    same = [told.decision, told.headroom, told.release] == [short.decision, short.headroom, short.release]
    raise Unusable, "the short answer is another: #{short.inspect}" unless same

    plain(told)
  end

  def interest_question(step)
    asked = step["question"] || {}
    charged = (asked["charged"] || []).map do |row|
      R::ChargedInterest.new(document: row["document"], until_date: Date.iso8601(row["until"]), instalment: row["instalment"])
    end
    R::InterestQuestion.new(charged: charged, compensated: asked["compensated"] || [], customers: asked["customers"] || [],
                            documents: asked["documents"] || [])
  end

  def interest(step)
    reckoned(view(step).interest(policy(step, "interest"), interest_question(step)))
  end

  def explain_interest(step)
    reckoned(view(step).explain_interest(policy(step, "interest"), interest_question(step)))
  end

  def debt_interest(step)
    payments = (step["payments"] || []).map do |row|
      R::PaymentOnDebt.new(date: Date.iso8601(row["date"]), amount: BigDecimal(row["amount"]))
    end
    debt = R::Debt.new(currency: step["currency"], amount: BigDecimal(step["amount"]), due_date: Date.iso8601(step["due_date"]),
                       until_date: Date.iso8601(step["until"]), payments: payments,
                       charged_until: step["charged_until"] && Date.iso8601(step["charged_until"]))
    answer = R.debt_interest(policy(step, "interest"), debt, @text)
    plain(answer, step["currency"]).merge("segments" => segments_of(answer, step["currency"]))
  end

  # A value of another type than text, as a case spells it.
  def spelled(value)
    return value unless value.is_a?(Hash)

    kind, inner = value.first
    case kind
    when "float" then Float(inner)
    when "nan" then BigDecimal("NaN")
    when "datetime" then DateTime.iso8601(inner)
    when "list" then []
    else inner
    end
  end

  def money(step)
    value = spelled(step["value"])
    value = BigDecimal(value) if value.is_a?(String) && value.match?(/\A-?\d+(\.\d+)?\z/)
    money = R.money(value, step["currency"], @text)
    { "money" => money.text, "minor" => money.minor.to_s }
  end

  def split(step)
    parts = R.split(BigDecimal(step["amount"]), step["currency"], step["weights"], @text)
    { "parts" => parts.map { |part| shown(part, step["currency"]) } }
  end

  def terms(step)
    step["terms"].is_a?(String) ? step["terms"] : JSON.generate(step["terms"])
  end

  def terms_document(step)
    base = step["base_amount"]
    R::TermsDocument.new(document_date: Date.iso8601(step["document_date"]), currency: step["currency"],
                         amount: BigDecimal(step["amount"]), base_currency: step["base_currency"],
                         base_amount: base && BigDecimal(base))
  end

  def instalments(all, step)
    { "instalments" => all.map { |one|
      plain(one, step["currency"]).merge("base_amount" => shown(one.base_amount, step["base_currency"]))
    } }
  end

  def due_dates(step)
    instalments(R.due_dates(terms(step), terms_document(step), @text), step)
  end

  def explain_due_dates(step)
    instalments(R.explain_due_dates(terms(step), terms_document(step), @text), step)
  end

  def day_count(step)
    plain(R.day_count(step["convention"], Date.iso8601(step["from"]), Date.iso8601(step["to"])))
  end

  def discount_rates(step)
    plain(R.discount_rates(step["percent"], step["discount_days"], step["net_days"]))
  end

  def business_day(step)
    { "day" => R.business_day(Date.iso8601(step["day"]), step["roll"], JSON.generate(step["calendar"] || {})).iso8601 }
  end

  def creditor_reference(step)
    plain(R.creditor_reference(step["text"]))
  end

  def check_creditor_reference(step)
    plain(R.check_creditor_reference(step["text"]))
  end

  def local_money(step)
    { "text" => R.local_money(BigDecimal(step["value"]), step["currency"], step["language"], @text) }
  end

  def local_date(step)
    { "text" => R.local_date(Date.iso8601(step["day"]), step["language"]) }
  end

  def letter(step)
    written = R.letter(JSON.generate(step["letter"]), JSON.generate(step["letters"] || {}))
    plain(written).merge("found" => (step["find"] || []).map { |text| written.body.include?(text) })
  end

  def notice_letters(step)
    letters = R.notice_letters(@run, JSON.generate(step["stationery"] || {}))
    letters.each { |one| R.letter(one) }
    { "letters" => letters.map { |one| JSON.parse(one) } }
  end

  def import(step)
    imported = R.import_text(JSON.generate(step["mapping"]), step["text"])
    documents = imported.facts.documents.to_h { |document| [document.id, document.currency] }
    tables = ROWS.keys.to_h do |table|
      [table, imported.facts.public_send(table).map { |row|
        document = %i[document credit].find { |name| row.respond_to?(name) }
        plain(row, document && documents[row.public_send(document)])
      }]
    end
    { "facts" => tables, "report" => plain(imported.report) }
  end
end

# Keys sorted, no spaces.
def canonical(value)
  case value
  when Hash then "{#{value.sort.map { |key, part| "#{JSON.generate(key)}:#{canonical(part)}" }.join(',')}}"
  when Array then "[#{value.map { |part| canonical(part) }.join(',')}]"
  else JSON.generate(value)
  end
end

# The part of an answer that an expectation is about.
def stated(answer, expect)
  if answer.is_a?(Hash) && expect.is_a?(Hash)
    expect.select { |key, _| answer.key?(key) }.to_h { |key, part| [key, stated(answer[key], part)] }
  elsif answer.is_a?(Array) && expect.is_a?(Array) && answer.size == expect.size
    answer.zip(expect).map { |one, part| stated(one, part) }
  else
    answer
  end
end

def refusal(error)
  place = ->(one) { %w[code table index field].to_h { |name| [name, one.public_send(name)] } }
  place.call(error).merge("total" => error.total, "problems" => error.problems.map(&place))
end

# What went wrong with a case, or nil.
def wrong(kase)
  engine = Engine.new(kase["settings"])
  kase["steps"].each.with_index(1) do |step, number|
    answer, error = begin
      [engine.step(step), nil]
    rescue R::ReceivablesError::Refused => e
      [nil, refusal(e)]
    end
    where = "step #{number} (#{step['do']})"
    return "#{where}: answered #{canonical(error || answer)}" if error.nil? == step.key?("expect_error")

    expect = step["expect_error"] || step["expect"] || {}
    ours, theirs = canonical(stated(error || answer, expect)), canonical(expect)
    return "#{where}:\n  expected #{theirs}\n  answered #{ours}" if ours != theirs
  end
  nil
rescue StandardError => e
  # A case that cannot be run has failed; the others go on.
  "#{e.class}: #{e.message}\n  #{e.backtrace.first(3).join("\n  ")}"
end

passed = failed = 0
Dir[File.join(ENV.fetch("AR_CASES_JSON"), "*.json")].sort.each do |file|
  JSON.parse(File.read(file), decimal_class: BigDecimal)["cases"].each do |kase|
    what = wrong(kase)
    what ? failed += 1 : passed += 1
    puts "#{kase['file']}: #{kase['name']}: #{what}" if what
  end
end
puts "cases ruby #{passed} passed, #{failed} failed"
exit 1 if failed.positive? || passed.zero?
