# Predictions as a Ruby user meets them: a trained model is the same in every language, kept and watched.
require "digest"
require "json"
require "minitest/autorun"
require "receivables"

class PredictionTest < Minitest::Test
  R = Receivables
  POLICY = '{"least_paid_invoices":100}'
  START = Date.new(2023, 1, 2)

  # Four customers who pay on Fridays; the same ledger in every front end.
  def ledger
    facts = { customers: 4.times.map { |n| { id: "C#{n}" } }, documents: [], allocations: [] }
    4.times do |customer|
      40.times do |turn|
        posted = START + 7 * turn + customer
        due = posted + 14
        paid = due + 2 * customer + (turn % 5 == 0 ? 7 : 0)
        paid += (5 - paid.wday) % 7
        name, amount = "#{customer}-#{turn}", "#{100 + 7 * turn}.00"
        row = { customer: "C#{customer}", currency: "EUR" }
        facts[:documents] << row.merge(id: "I#{name}", kind: "invoice", amount: amount, document_date: posted, due_date: due)
        facts[:documents] << row.merge(id: "P#{name}", kind: "payment", amount: "-#{amount}", document_date: paid)
        facts[:allocations] << { id: "A#{name}", credit: "P#{name}", debit: "I#{name}", amount: amount, effective: paid }
      end
    end
    R::Ledger.from_json(JSON.generate(facts))
  end

  def test_a_fixed_ledger_trains_the_model_that_every_front_end_trains
    whole = ledger
    day = Date.new(2023, 9, 29)
    view = whole.as_of(day, day)
    model = view.train_prediction(POLICY)
    assert model.is_trained
    assert_equal [day, day], [model.trained_on, model.known_on]
    text = model.to_text.sub(%("engine":"#{R.engine_version}"), '"engine":""')
    assert_equal "9e7365b53c2b9e5c16d79e7cd6eecff042ded19b69d86e9648b69f006be27281", Digest::SHA256.hexdigest(text)
    assert_equal model.to_text, R::PredictionModel.from_text(model.to_text).to_text
    cash = view.cash_forecast(model, '{"horizon_days":28,"period":"week"}')
    assert_equal %w[0.00 1780.98 1401.15 977.36 132.37], cash.totals.map { |row| format("%.2f", row.expected) }
    assert_equal view.open_items.size, view.predict(model).size
    asked = view.predict(model, [50], [day, Date.new(2199, 12, 31)]).first
    assert_equal [[asked.expected], [0, 1]], [asked.quantiles, asked.paid_by]
    assert_equal "policy_invalid", assert_raises(R::ReceivablesError::Refused) { view.predict(model, [300]) }.code
    assert(view.cash_at_risk(model).all? { |one| one.best_contact_day < one.next_run })
    refute_empty whole.compare_forecast(R::CashForecast.from_text(cash.to_text)).rows

    watch = R::TrainingWatch.create
    assert_equal model.to_text, view.train_prediction(POLICY, 2, watch).to_text
    assert_equal [watch.all, true], [watch.done, watch.done.positive?]
    watch.stop
    error = assert_raises(R::ReceivablesError::Refused) { view.train_prediction(POLICY, 1, watch) }
    assert_equal "cancelled", error.code
  end
end
