# What may cross the border into the engine, and what is refused there, with the place where it stands.
require "minitest/autorun"
require "receivables"

class BorderTest < Minitest::Test
  R = Receivables
  DAY = Date.new(2026, 1, 31)

  def refused(&block)
    assert_raises(R::ReceivablesError::Refused, &block)
  end

  def load(**document)
    row = { id: "INV", customer: "C", kind: "invoice", currency: "EUR", amount: BigDecimal("10.10"), document_date: DAY }
    R::Ledger.load(R::Facts.new(customers: [R::Customer.new(id: "C")], documents: [R::Document.new(**row, **document)]))
  end

  def test_exact_money_keeps_every_digit
    assert_equal "10.10", R.money(BigDecimal("10.1"), "EUR").text
    item = load.as_of(DAY).open_items[0]
    assert_equal [BigDecimal("10.1"), DAY], [item.open, item.document_date]
  end

  # Whole numbers and plain text are exact too.
  [10, "10.10", "10", BigDecimal("1E+1")].each do |amount|
    define_method("test_#{amount.inspect}_is_money") { assert_equal 1, load(amount: amount).documents }
  end

  def test_text_may_be_a_day
    assert_equal DAY, load(document_date: "2026-01-31").last_recorded
  end

  {
    amount: [
      [10.1, "float_refused"], [true, "wrong_type"], [[], "wrong_type"], [DAY, "wrong_type"], [nil, "missing_field"],
      [BigDecimal("NaN"), "not_a_number"], [BigDecimal("Infinity"), "not_a_number"], [Float::NAN, "not_a_number"], [-Float::INFINITY, "not_a_number"],
      ["ten", "not_a_number"], ["1e3", "not_a_number"], [BigDecimal("1E+40"), "too_large"],
      [BigDecimal("10.001"), "too_many_digits"], [BigDecimal("1234567890.#{'1' * 30}"), "too_many_digits"],
    ],
    document_date: [
      [DateTime.new(2026, 1, 31), "datetime_refused"], [Time.at(0), "datetime_refused"], [20_260_131, "wrong_type"],
      ["2026-02-30", "impossible_date"], ["2026-01-31T10:00:00", "datetime_refused"], [nil, "missing_field"],
      [Date.new(10_000, 1, 1), "impossible_date"],
    ],
  }.each do |field, values|
    values.each_with_index do |(value, code), at|
      define_method("test_#{field}_#{at}_is_#{code}") do
        error = refused { load(field => value) }
        place = [code, "documents", 0, field.to_s]
        assert_equal [*place, 1], [error.code, error.table, error.index, error.field, error.total]
        problem = error.problems[0]
        assert_equal place, [problem.code, problem.table, problem.index, problem.field]
        refute_empty error.reason
      end
    end
  end

  def test_a_bad_argument_is_named
    ledger = load
    error = refused { ledger.as_of(Time.at(0)) }
    assert_equal ["datetime_refused", "day", nil], [error.code, error.field, error.table]
    error = refused { R.split(1.5, "EUR", [1, 2]) }
    assert_equal %w[float_refused amount], [error.code, error.field]
    error = refused { R.money(BigDecimal("NaN"), "EUR") }
    assert_equal %w[not_a_number value], [error.code, error.field]
  end

  def test_text_that_is_no_text_is_an_error_of_the_language
    assert_raises(TypeError) { load(id: nil) }
    assert_raises(TypeError) { R::Ledger.load(R::Facts.new, {}) }
  end
end
