# Facts of a file as the records of the package: what the harness of the cases and the gallery of errors both build.
require "bigdecimal"
require "date"
require "receivables"

R = Receivables

# How rows of a table are built: its record, and which columns are other than text.
ROWS = {
  "customers" => R::Customer, "customer_changes" => R::CustomerChange, "documents" => R::Document,
  "document_lines" => R::DocumentLine, "instalments" => R::Instalment, "discounts" => R::Discount,
  "allocations" => R::Allocation, "differences" => R::SettlementDifference, "reversals" => R::Reversal, "cancellations" => R::Cancellation, "disputes" => R::Dispute, "holds" => R::Hold,
  "promises" => R::Promise, "plans" => R::Plan, "notices" => R::Notice, "notice_lines" => R::NoticeLine, "commitments" => R::Commitment,
  "credit_lines" => R::CreditLine, "releases" => R::Release,
  "requirements" => R::Requirement, "closings" => R::Closing, "rates" => R::Rate
}.freeze
MONEY = %w[amount debit_amount base_credit base_debit net tax base_amount base_document percent basis rate balance].freeze
DAYS = %w[document_date posting_date due_date effective recorded until interest_until promised_date expected_date].freeze
# Words of Ruby have another name in its records.
NAMES = { "until" => "until_date", "when" => "watches", "next" => "next_day" }.freeze

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
