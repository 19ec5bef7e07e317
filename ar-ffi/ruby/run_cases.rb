# Runs the expanded cases in $AR_CASES_JSON through the Ruby package: each step builds its public types and calls its
# public functions, and what they answer is compared as canonical bytes. The format is in ar-core/cases/README.md.
require "json"
require "receivables"

R = Receivables

# What is no answer of the engine but a fault of a case or of this file.
class Unusable < StandardError; end

# How rows of a table are built: its record, and which columns are other than text.
ROWS = {
  "customers" => R::Customer, "customer_changes" => R::CustomerChange, "documents" => R::Document,
  "document_lines" => R::DocumentLine, "instalments" => R::Instalment, "allocations" => R::Allocation,
  "reversals" => R::Reversal, "cancellations" => R::Cancellation, "disputes" => R::Dispute, "holds" => R::Hold,
  "promises" => R::Promise, "plans" => R::Plan, "notices" => R::Notice, "commitments" => R::Commitment,
  "requirements" => R::Requirement, "closings" => R::Closing, "rates" => R::Rate
}.freeze
MONEY = %w[amount debit_amount base_credit base_debit net tax base_amount rate balance].freeze
DAYS = %w[document_date posting_date due_date effective recorded until promised_date expected_date].freeze
# Words of Ruby have another name in its records.
NAMES = { "until" => "until_date" }.freeze

def typed(column, value)
  return BigDecimal(value) if MONEY.include?(column) && value
  return Date.iso8601(value) if DAYS.include?(column) && value

  value
end

def fields(row)
  row.to_h { |column, value| [NAMES.fetch(column, column).to_sym, typed(column, value)] }
end

def facts_of(tables)
  R::Facts.new(**tables.to_h { |name, rows| [name.to_sym, rows.map { |row| ROWS.fetch(name).new(**fields(row)) }] })
end

# One case: the ledger so far, and the last proposal.
class Engine
  def initialize(settings)
    @currencies = settings["currencies"].is_a?(Hash) ? settings["currencies"] : {}
    @settings = settings
    @text = JSON.generate(settings)
    @digits = {}
    @ledger = nil
    @proposal = nil
  end

  def step(step)
    verb = step["do"]
    raise Unusable, "no verb #{verb}" unless VERBS.include?(verb)

    send(verb, step)
  end

  VERBS = %w[
    load append open_items pending aging aging_items explain_aging reconcile propose explain_proposal post money split
    due_dates explain_due_dates day_count business_day import
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
    part = part.sub(/0+\z/, "").ljust(digits(currency), "0")
    part.empty? ? whole : "#{whole}.#{part}"
  end

  def base_currency(company)
    @settings.dig("companies", company, "base_currency") || @settings["base_currency"]
  end

  # The attributes of a record by their names, with its money shown in its currency.
  def plain(record, names, money = [], currency = nil)
    names.to_h { |name| [name, day(record.public_send(name))] }
         .merge(money.to_h { |name| [name, shown(record.public_send(name), currency || record.currency)] })
  end

  def day(value)
    value.is_a?(Date) ? value.iso8601 : value
  end

  def open_items(step)
    names = %w[company control_account customer currency document instalment kind document_date due_date]
    { "items" => view(step).open_items.map { |item|
      plain(item, names, %w[open disputed held pending])
        .merge("base_open" => shown(item.base_open, base_currency(item.company)))
    } }
  end

  def pending(step)
    view = view(step)
    { "facts" => view.pending.map { |fact| plain(fact, %w[table id effective recorded]) },
      "receipts" => view.pending_receipts.map { |sum|
        plain(sum, %w[company control_account customer currency], %w[amount])
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
    keys = aging.by
    row = lambda { |row|
      keys.zip(row.by).to_h
          .merge(plain(row, %w[currency items share average_age], %w[total disputed held unapplied pending]))
          .merge("buckets" => row.buckets.map { |sum| shown(sum, row.currency) },
                 "columns" => row.columns&.map { |sum| shown(sum, row.currency) })
    }
    { "labels" => aging.labels, "column_labels" => aging.column_labels,
      "rows" => aging.rows.map(&row), "totals" => aging.totals.map { |total| row.call(total).except(*keys) } }
  end

  def lines(items)
    names = %w[document instalment customer currency due_date basis_date age bucket rule]
    { "items" => items.map { |item| plain(item, names, %w[open disputed held pending would_settle]) } }
  end

  def aging_items(step)
    lines(aged(step).items)
  end

  def explain_aging(step)
    asked = %w[customer document instalment bucket].to_h { |name| [name.to_sym, step[name]] }
    lines(aged(step).explain(R::AgingQuestion.new(**asked)))
  end

  def reconcile(step)
    balances = step["balances"].map { |row| R::ControlBalance.new(**fields(row)) }
    { "differences" => view(step).reconcile(balances).map { |place|
      plain(place, %w[company control_account currency], %w[ledger control difference])
    } }
  end

  def proposed(lines, unapplied)
    { "lines" => lines.map { |line|
      plain(line, %w[credit debit instalment strategy], %w[amount credit_left debit_left])
    }, "unapplied" => unapplied.map { |rest| plain(rest, %w[credit reason], %w[amount]) } }
  end

  def propose(step)
    @proposal = view(step).propose(policy(step, "allocation"))
    proposed(@proposal.lines, @proposal.unapplied)
  end

  def explain_proposal(step)
    explanation = @proposal.explain(step["credit"], step["debit"])
    proposed(explanation.lines, explanation.unapplied)
  end

  def post(step)
    facts = @proposal.facts(step["id_prefix"])
    # The lines have the currencies, in the order of the rows.
    rows = facts.allocations.zip(@proposal.lines).map { |row, line|
      plain(row, %w[id credit debit instalment effective], %w[amount], line.currency)
    }
    @ledger = ledger.append(facts, Date.iso8601(step["recorded"]))
    { "allocations" => rows }
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

  def due(instalment, step)
    plain(instalment, %w[number due_date])
      .merge("amount" => shown(instalment.amount, step["currency"]),
             "base_amount" => shown(instalment.base_amount, step["base_currency"]))
  end

  def due_dates(step)
    all = R.due_dates(terms(step), terms_document(step), @text)
    { "instalments" => all.map { |one| due(one, step) } }
  end

  def explain_due_dates(step)
    all = R.explain_due_dates(terms(step), terms_document(step), @text)
    { "instalments" => all.map { |one|
      due(one, step).merge(plain(one, %w[line repetition rule share]))
                    .merge("of" => shown(one.of, step["currency"]),
                           "dates" => one.dates.map { |date| plain(date, %w[rule from to]) })
    } }
  end

  def day_count(step)
    counted = R.day_count(step["convention"], Date.iso8601(step["from"]), Date.iso8601(step["to"]))
    { "days" => counted.days, "fraction" => counted.fraction }
  end

  def business_day(step)
    { "day" => R.business_day(Date.iso8601(step["day"]), step["roll"], JSON.generate(step["calendar"] || {})).iso8601 }
  end

  def import(_step)
    raise Unusable, "no import yet"
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
