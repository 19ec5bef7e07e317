# What may cross the border into the engine, and what is refused there.
require "minitest/autorun"
require "receivables"

class BorderTest < Minitest::Test
  DAY = Date.new(2026, 1, 31)

  def test_exact_money_keeps_every_digit
    checked = Receivables.check_amount(BigDecimal("10.1"), "EUR", DAY)
    assert_equal [BigDecimal, "10.1", DAY], [checked.amount.class, checked.amount.to_s("F"), checked.on]
  end

  [
    [10.1, DAY, "float_refused"],
    [10, DAY, "wrong_type"],
    ["10", DAY, "wrong_type"],
    [true, DAY, "wrong_type"],
    [nil, DAY, "wrong_type"],
    [BigDecimal("NaN"), DAY, "not_a_number"],
    [BigDecimal("Infinity"), DAY, "not_a_number"],
    [BigDecimal("1E+40"), DAY, "too_large"],
    [BigDecimal("10.001"), DAY, "too_many_digits"],
    [BigDecimal("1"), DateTime.new(2026, 1, 31), "datetime_refused"],
    [BigDecimal("1"), "2026-01-31", "wrong_type"],
  ].each_with_index do |(amount, on, code), at|
    define_method("test_#{code}_#{at}") do
      error = assert_raises(Receivables::ArError::Ar) { Receivables.check_amount(amount, "EUR", on) }
      assert_equal [code, code, 1], [error.code, error.problems[0].code, error.total]
    end
  end
end
