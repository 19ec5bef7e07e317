# The gallery of errors through the Ruby package: every input of docs/errors.md is refused as shown there. What its types
# cannot hold is handed over as JSON text.
#
# usage: ruby run_gallery.rb FOLDER (ar-core/tests/gallery). Prints each failure, then one line.
require "json"
require_relative "facts"

FOLDER = ARGV.fetch(0)

def read(name)
  JSON.parse(File.read(File.join(FOLDER, "#{name}.json")))
end

# A value as Ruby has it: not a number and a time are what they are, text that is no date or number stays text.
def native(column, value)
  return value unless value.is_a?(String)

  case column
  when *MONEY then value.match?(/\A(-?\d+(\.\d+)?|NaN)\z/) ? BigDecimal(value) : value
  when *DAYS then value.include?("T") ? DateTime.iso8601(value) : Date.iso8601(value)
  else value
  end
rescue Date::Error
  value
end

def records(tables)
  R::Facts.new(**tables.to_h { |name, rows|
    [name.to_sym, rows.map { |row|
      ROWS.fetch(name).new(**row.to_h { |column, value| [NAMES.fetch(column, column).to_sym, native(column, value)] })
    }]
  })
end

GIVEN = read("given")

def held
  R::Ledger.load(records(GIVEN["facts"]), JSON.generate(GIVEN["settings"]))
end

# Whether a document may go, or for a limit.
def ask_credit(ledger, day, input)
  desk = ledger.credit(JSON.generate(input["credit_policy"]), day)
  if (asked = input["check"])
    desk.check(R::CreditRequest.new(customer: asked["customer"], amount: BigDecimal(asked["amount"]), currency: asked["currency"]))
  end
  return unless (asked = input["propose_limit"])

  volume = asked["monthly_volume"] && BigDecimal(asked["monthly_volume"])
  desk.propose_limit(asked["currency"], asked["customer"], volume, asked["score"])
end

# Does what an input asks for; it is meant to be refused.
def run(input)
  as_text = (input["not_in"] || []).include?("ruby")
  settings = JSON.generate(input["settings"] || {})
  if input.key?("load")
    as_text ? R::Ledger.from_json(JSON.generate(input["load"]), settings) : R::Ledger.load(records(input["load"]), settings)
  elsif input.key?("settings") then R::Ledger.load(R::Facts.new, settings)
  elsif input.key?("mapping") then R.import_text(JSON.generate(input["mapping"]), "")
  elsif input.key?("allocation_policy") then held.as_of("2026-02-01").propose(JSON.generate(input["allocation_policy"]))
  elsif input.key?("interest_policy") then held.as_of("2026-02-01").interest(JSON.generate(input["interest_policy"]))
  elsif input.key?("creditor_reference") then R.creditor_reference(input["creditor_reference"])
  elsif input.key?("letter") then R.letter(JSON.generate(input["letter"]), JSON.generate(input["letters"] || {}))
  elsif input.key?("append")
    day = Date.iso8601(input["recorded"])
    ledger = as_text ? held.append_json(JSON.generate(input["append"]), day) : held.append(records(input["append"]), day)
    if input.key?("prediction_policy")
      watch = R::TrainingWatch.create
      watch.stop if input["stopped"]
      ledger.as_of(day).train_prediction(JSON.generate(input["prediction_policy"]), 1, watch)
    end
    ledger.as_of(day).dun(JSON.generate(input["dunning_policy"])) if input.key?("dunning_policy")
    ask_credit(ledger, day, input) if input.key?("credit_policy")
    ledger.as_of(day).undo(input["undo"]) if input.key?("undo")
  elsif input.key?("credit_policy") then ask_credit(held, Date.iso8601(input["as_of"]), input)
  elsif input.key?("provision_policy")
    view = held.as_of(Date.iso8601(input["as_of"]))
    policy = JSON.generate(input["provision_policy"])
    before = (input["before"] || []).map { |row| R::ProvidedBefore.new(currency: row["currency"], amount: BigDecimal(row["amount"])) }
    view.back_test(held.as_of(Date.iso8601(input["then"])), policy) if input.key?("then")
    view.provision(policy, before)
  elsif input.key?("loss_rate_policy")
    held.as_of(Date.iso8601(input["as_of"])).loss_rates(JSON.generate(input["loss_rate_policy"]))
  elsif input.key?("prediction_policy")
    model = held.as_of(Date.iso8601(input["trained"])).train_prediction(JSON.generate(input["prediction_policy"]))
    held.as_of(Date.iso8601(input["as_of"])).prediction_drift(model)
  elsif input.key?("dunning_policy")
    held.as_of(Date.iso8601(input["as_of"])).dun(JSON.generate(input["dunning_policy"]))
  elsif input.key?("settle")
    edits = input["edit"].map { |row| R::SettlementEdit.new(reason: row["reason"]) }
    held.as_of(Date.iso8601(input["as_of"])).settle(JSON.generate(input["settle"])).edit(edits)
  else
    view = held.as_of(Date.iso8601(input["as_of"]))
    view.aging(JSON.generate(input["aging_policy"]), input["by"] || [], input["where"] || {}).rows
  end
end

def refusal_of(input)
  run(input)
  "was not refused"
rescue R::ReceivablesError::Refused => e
  { "problems" => e.problems.map { |one| [one.code, one.table, one.index, one.field] }, "total" => e.total }
rescue StandardError => e
  "#{e.class}: #{e.message}"
end

def counts_of(input)
  view = R::Ledger.from_json(JSON.generate(input["load"])).as_of(Date.iso8601(input["as_of"]))
  aging, proposal = view.aging(JSON.generate(input["aging_policy"])), view.propose
  { "open_items" => view.open_items, "rows" => aging.rows, "totals" => aging.totals, "items" => aging.items,
    "lines" => proposal.lines, "unapplied" => proposal.unapplied }.transform_values(&:size)
end

inputs = read("errors").flat_map { |entry| entry["inputs"].map { |input| [entry["code"], input] } }
checks = inputs.zip(read("refusals")).filter_map do |(code, input), expected|
  # Half a thousand million rows would have to be held to be handed over.
  [code, input, expected, refusal_of(input)] unless input.key?("rows")
end
not_made = inputs.size - checks.size
checks += read("answers").map { |input| [input["name"], input, input["answer"], counts_of(input)] }
failed = checks.reject { |_, _, expected, got| expected == got }
failed.each { |name, input, expected, got| puts "FAILED #{name}: #{JSON.generate(input)}: expected #{expected}, got #{got}" }
as_text = checks.count { |_, input, _, _| (input["not_in"] || []).include?("ruby") }
puts "#{as_text} inputs that Ruby's types cannot hold were JSON text"
puts "gallery ruby #{checks.size - failed.size} as shown, #{not_made} not made, #{failed.size} failed"
exit 1 if failed.any?
