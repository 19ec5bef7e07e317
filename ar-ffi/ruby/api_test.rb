# The package as a Ruby user meets it: a month of one ledger from end to end, and what is refused on the way.
require "json"
require "minitest/autorun"
require "receivables"

class ApiTest < Minitest::Test
  R = Receivables
  POLICY = '{"edges":[0,30]}'

  def money(text) = BigDecimal(text)
  def day(text) = Date.iso8601(text)

  def invoice(id: "INV", amount: "100", date: "2026-01-01", due: "2026-01-31", customer: "C", **more)
    R::Document.new(id: id, customer: customer, kind: "invoice", currency: "EUR", amount: money(amount),
                    document_date: day(date), due_date: due && day(due), **more)
  end

  def load(*documents, customers: [R::Customer.new(id: "C", dimensions: { "region" => "north" })])
    R::Ledger.load(R::Facts.new(customers: customers, documents: documents))
  end

  def ledger
    payment = R::Document.new(id: "PAY", customer: "C", kind: "payment", currency: "EUR", amount: money("-120"),
                              document_date: day("2026-02-10"))
    load(invoice, invoice(id: "OLD", amount: "50", date: "2025-11-01", due: "2025-12-01"))
      .append(R::Facts.new(documents: [payment]), day("2026-02-10"))
  end

  def view(on = "2026-02-28", known_on = nil)
    ledger.as_of(day(on), known_on && day(known_on))
  end

  # Code, table, index and field of a refusal.
  def refused(&block)
    error = assert_raises(R::ReceivablesError::Refused, &block)
    refute_empty error.reason
    [error.code, error.table, error.index, error.field]
  end

  def test_an_empty_ledger_owes_nothing
    empty = R::Ledger.load(R::Facts.new)
    assert_nil empty.last_recorded
    assert_equal [0, []], [empty.documents, empty.as_of(day("2026-01-01")).open_items]
  end

  def test_open_items_as_of_a_day_as_known_on_another
    assert_equal %w[OLD INV PAY], view.open_items.map(&:document)
    before = view("2026-02-28", "2026-02-01")
    assert_equal %w[OLD INV], before.open_items.map(&:document)
    assert_equal [day("2026-02-28"), day("2026-02-01")], [before.day, before.known_on]
    assert_equal day("2026-02-10"), ledger.last_recorded
  end

  def test_one_customer_alone
    both = load(invoice, invoice(id: "OTHER", customer: "D"), customers: [R::Customer.new(id: "C"), R::Customer.new(id: "D")])
    assert_equal %w[OTHER], both.customer_as_of("D", day("2026-02-28")).open_items.map(&:document)
    assert_empty both.customer_as_of("C", day("2026-02-28"), day("2025-12-31")).open_items
    assert_equal ["unknown_value", nil, nil, "customer"], refused { both.customer_as_of("E", day("2026-02-28")) }
  end

  def test_the_facts_that_count_are_read_back_and_load_again
    assert_equal %w[INV OLD PAY], view.facts.documents.map(&:id)
    again = R::Ledger.load(view.facts).as_of(day("2026-02-28"))
    assert_equal view.open_items.map { |item| [item.document, item.open] }, again.open_items.map { |item| [item.document, item.open] }
  end

  def test_a_receipt_of_later_is_pending
    early = view("2026-02-01")
    assert_equal [["documents", "PAY", day("2026-02-10")]], early.pending.map { |one| [one.table, one.id, one.effective] }
    assert_equal [money("-120")], early.pending_receipts.map(&:amount)
  end

  def test_the_same_items_carried_to_a_later_day
    assert_equal day("2026-03-31"), view.carried_to(day("2026-03-31")).day
    assert_equal ["impossible_date", nil, nil, "day"], refused { view.carried_to(day("2026-01-01")) }
  end

  def test_an_aging_by_group_with_a_filter_and_the_line_of_every_item
    aging = view.aging(POLICY, %w[customer dim_region])
    assert_equal ["not due", "1-30", "over 30"], aging.labels
    assert_nil aging.column_labels
    row = aging.rows.fetch(0)
    assert_equal [%w[C north], [0, -20, 50]], [row.by, row.buckets]
    assert_equal 30, aging.totals[0].total
    assert_equal "aging.past_edge", aging.explain(R::AgingQuestion.new(document: "OLD"))[0].rule
    assert_equal 3, aging.items.size
    assert_equal 50, view.aging(POLICY, [], { "document" => ["OLD"] }).totals[0].total
  end

  def test_the_general_ledger_ties_or_the_difference_is_told
    assert_empty view.reconcile([R::ControlBalance.new(currency: "EUR", balance: money("30"))])
    off = view.reconcile([R::ControlBalance.new(currency: "EUR", balance: money("31"))])
    assert_equal [-1], off.map(&:difference)
    bad = R::ControlBalance.new(currency: "EUR", balance: 31.0)
    assert_equal ["float_refused", "balances", 0, "balance"], refused { view.reconcile([bad]) }
  end

  def test_a_proposal_is_posted_and_taken_back
    proposal = view.propose
    assert_equal [["OLD", 50], ["INV", 70]], proposal.lines.map { |line| [line.debit, line.amount] }
    assert_equal ["OLD"], proposal.explain(nil, "OLD").lines.map(&:debit)
    assert_empty proposal.unapplied
    posted = ledger.append(proposal.facts("run"), day("2026-02-28"))
    assert_equal [30], posted.as_of(day("2026-02-28")).open_items.map(&:open)
    back = R::Reversal.new(allocation: "run-1", effective: day("2026-03-01"))
    undone = posted.append(R::Facts.new(reversals: [back]), day("2026-03-01"))
    assert_equal [3, 1], %w[2026-03-01 2026-02-28].map { |on| undone.as_of(day(on)).open_items.size }
  end

  def test_a_report_says_what_made_it
    made = view.aging(POLICY).made_by
    # The same in every language: SHA-256 of the policy with its defaults.
    assert_equal ["", "7b7de67795c24c8d5e6e2ef6fd20e923b5644f4a8776140b7266cde4347ab295", R.engine_version],
                 [made.policy, made.policy_hash, made.engine]
    assert_equal "month-end", view.aging('{"edges":[0,30],"id":"month-end"}').made_by.policy
    assert_equal view.propose.made_by.policy_hash, view.propose('{"partial":"allowed"}').made_by.policy_hash
    assert_equal view.settle.made_by.policy_hash, view.settle('{"partial":"allowed"}').made_by.policy_hash
  end

  def test_what_crosses_as_json_has_a_schema
    assert_equal %w[aging allocation cash credit dunning interest kpi letter letters loss_rates mapping picture prediction provision settings settlement stationery terms], R.schemas
    assert_equal ["edges"], JSON.parse(R.schema("aging"))["required"]
    assert_equal ["unknown_kind", nil, nil, "schema"], refused { R.schema("none") }
  end

  SETTLING = '{"discount":{},"tolerance":{"limits":[{"percent":"1"}],"reason":"small"}}'

  def paid
    payment = lambda do |id, amount, reference|
      R::Document.new(id: id, customer: "C", kind: "payment", currency: "EUR", amount: money(amount),
                      document_date: day("2026-02-10"), reference: reference)
    end
    tier = R::Discount.new(document: "INV", until_date: day("2026-02-10"), percent: money("2"))
    load(invoice, invoice(id: "MORE", amount: "50", date: "2026-01-02")).append(
      R::Facts.new(discounts: [tier], documents: [payment.("PAY", "-98", "INV"), payment.("SHORT", "-49.75", "MORE")]),
      day("2026-02-10")
    )
  end

  def test_a_settlement_takes_discounts_and_proves_itself
    settlement = paid.as_of(day("2026-02-28")).settle(SETTLING)
    assert_equal [["INV", 98], ["MORE", money("49.75")]], settlement.lines.map { |line| [line.debit, line.debit_amount] }
    told = settlement.differences.map { |one| [one.document, one.kind, one.amount, one.line, one.reason, one.rule, one.limit, one.until_date] }
    assert_equal [["INV", "discount", 2, 0, "", "discount.in_time", nil, day("2026-02-10")],
                  ["MORE", "tolerance", money("0.25"), 1, "small", "tolerance.under", money("0.5"), nil]], told
    proof = settlement.proof.fetch(0)
    assert_equal proof.received, proof.applied + proof.closed + proof.unapplied
    assert_equal proof.claims, proof.paid + proof.discount + proof.tolerance + proof.open
    assert_equal "100.00", proof.matched_share
    assert_equal [[], [], []], [settlement.unapplied, settlement.questions, settlement.exchange]
    about = settlement.explain(nil, "MORE")
    assert_equal [["MORE"], [1], []], [about.lines.map(&:debit), about.differences.map(&:line), about.unapplied]
  end

  def test_a_settlement_is_edited_posted_and_taken_back
    settlement = paid.as_of(day("2026-02-28")).settle(SETTLING)
    edited = settlement.without([1])
    assert_equal [["SHORT", "edited"]], edited.unapplied.map { |one| [one.credit, one.reason] }
    assert_equal ["unknown_value", nil, nil, "lines"], refused { edited.without([1]) }
    agreed = settlement.edit([R::SettlementEdit.new(line: 1, reason: "agreed")])
    assert_includes agreed.differences.map(&:reason), "agreed"
    assert_equal ["edit_invalid", "edits", 0, "line"], refused { settlement.edit([R::SettlementEdit.new(line: 1)]) }
    posted = paid.append(settlement.facts("run"), day("2026-02-28"))
    assert_empty posted.as_of(day("2026-02-28")).open_items
    later = posted.as_of(day("2026-03-01"))
    undone = posted.append(later.undo(["run-1"]), day("2026-03-01"))
    assert_equal [100, -98], undone.as_of(day("2026-03-01")).open_items.map(&:open)
    assert_equal ["unknown_reference", "ids", 1, nil], refused { later.undo(%w[run-1 nothing]) }
    assert_raises(TypeError, NoMethodError) { later.undo("run-1") }
  end

  def test_overdue_items_and_single_debts_bear_interest
    policy = JSON.generate(rates: [{ from: "2026-01-01", percent: "10" }],
                           compensation: { tiers: [{ currency: "EUR", amount: "40" }] })
    payments = [R::PaymentOnDebt.new(date: day("2026-02-10"), amount: BigDecimal("1825"))]
    debt = R::Debt.new(currency: "EUR", amount: BigDecimal("3650"), due_date: day("2026-01-31"), until_date: day("2026-02-28"),
                       payments: payments)
    answer = R.debt_interest(policy, debt)
    assert_equal [19, 40, "interest.accrued"], [answer.interest, answer.compensation, answer.rule]
    assert_equal [[10, day("2026-02-10")], [18, day("2026-02-28")]], answer.segments.map { |part| [part.days, part.until_date] }
    assert_equal ["policy_invalid", nil, nil, "rates"], refused { R.debt_interest("{}", debt) }
    wrong = [R::PaymentOnDebt.new(date: day("2026-02-10"), amount: 1.5)]
    debt = R::Debt.new(currency: "EUR", amount: 1, due_date: day("2026-01-31"), until_date: day("2026-02-28"), payments: wrong)
    assert_equal ["float_refused", "payments", 0, "amount"], refused { R.debt_interest(policy, debt) }
  end

  def test_a_revaluation_is_what_items_in_foreign_currency_are_worth
    rate = R::Rate.new(currency: "USD", base: "EUR", rate: money("0.95"), effective: day("2026-01-31"))
    document = R::Document.new(id: "INV", customer: "C", kind: "invoice", currency: "USD", amount: money("100"),
                               base_amount: money("90"), document_date: day("2026-01-01"))
    facts = R::Facts.new(customers: [R::Customer.new(id: "C")], documents: [document], rates: [rate])
    foreign = R::Ledger.load(facts, '{"base_currency":"EUR"}')
    revaluation = foreign.as_of(day("2026-01-31")).revaluation
    assert_equal [day("2026-01-31"), day("2026-02-01")], [revaluation.on, revaluation.reversed_on]
    assert_equal [["INV", 90, money("0.95"), 95, 5]],
                 revaluation.items.map { |item| [item.document, item.base_open, item.rate, item.revalued, item.difference] }
    assert_equal [["EUR", 5]], revaluation.totals.map { |sums| [sums.currency, sums.difference] }
    assert_equal ["rate_missing", "open_items", 0, "rate"], refused { foreign.as_of(day("2026-01-30")).revaluation }
  end

  def limited
    limit = R::CreditLine.new(id: "L", kind: "limit", customer: "C", currency: "EUR", amount: BigDecimal("1000"), effective: day("2026-01-01"))
    load(invoice(amount: "700")).append(R::Facts.new(credit_lines: [limit]), day("2026-02-01"))
  end

  def test_a_desk_says_whether_an_order_may_go_and_who_may_release_it
    desk = limited.credit('{"release":[{"role":"head"}]}', day("2026-02-01"))
    ask = ->(amount, customer = "C") { R::CreditRequest.new(customer:, amount: BigDecimal(amount), currency: "EUR") }
    short = desk.check(ask.call("300"))
    assert_equal ["pass", 300, nil, day("2026-02-01")], [short.decision, short.headroom, short.release, desk.day]
    told = desk.explain(ask.call("300.01"))
    assert_equal ["block", ["head"], "1000.01"], [told.decision, told.may_release, told.checks.first.figure]
    assert_equal ["unknown_value", nil, nil, "customer"], refused { desk.check(ask.call("1", "X")) }
    assert_equal ["policy_invalid", nil, nil, "checks"], refused { limited.credit('{"checks":[{"check":"luck"}]}', day("2026-02-01")) }
    row = limited.as_of(day("2026-02-01")).exposure("{}").rows.first
    assert_equal [700, 300, "70.00"], [row.exposure, row.headroom, row.used]
    assert_equal 2000, desk.propose_limit("EUR", nil, BigDecimal("1000")).limit
  end

  def test_a_provision_adds_up_and_is_booked
    view = load(invoice(amount: "1000")).as_of(day("2026-02-15"))
    policy = '{"aging":{"edges":[0,30]},"matrices":[{"rates":["0.1","0.1","0.1"]}]}'
    made = view.provision(policy, [R::ProvidedBefore.new(currency: "EUR", amount: BigDecimal("120"))])
    assert_equal [100, -20], [made.totals.first.provision, made.totals.first.movement]
    assert_equal [["loss allowance", 20, 0], ["impairment loss", 0, 20]], made.journal.map { |line| [line.account, line.debit, line.credit] }
    assert_equal ["impossible_date", nil, nil, "then"], refused { view.back_test(view, policy) }
    assert_equal "not_enough_history", view.loss_rates('{"aging":{"edges":[0,90]},"from":"2026-01-01"}').outcome
  end

  REMINDERS = '{"procedures":{"standard":{"interval_days":7,"levels":[{"days":7,"name":"reminder","pay_within_days":7},' \
              '{"days":30,"name":"last","hand_over":"agency"}]}},"id":"ours"}'
  EAGER = '{"procedures":{"standard":{"levels":[{"days":1}]}}}'

  def late
    load(invoice, invoice(id: "NEW", amount: "50", date: "2026-02-01", due: "2026-03-01"))
  end

  def test_a_dunning_run_says_whom_to_remind_of_what
    run = late.as_of(day("2026-02-10")).dun(REMINDERS)
    notice = run.notices.fetch(0)
    assert_equal ["C", "reminder", day("2026-02-17"), day("2026-03-02"), 100],
                 [notice.customer, notice.name, notice.due_date, notice.next_date, notice.total]
    assert_equal [["INV", 10, 1, 0]], notice.lines.map { |line| [line.document, line.days, line.level, line.previous] }
    assert_equal [["NEW", "not_due", "", nil]], run.skipped.map { |item| [item.document, item.reason, item.detail, item.until_date] }
    assert_equal [{ "not_due" => 1 }, day("2026-02-10"), "ours", []], [run.skipped_counts, run.day, run.made_by.policy, run.events]
    assert_equal ["not_due", false], [run.explain("NEW").reason, run.explain("NEW").steps.last.passed]
    assert_equal ["unknown_value", nil, nil, "document"], refused { run.explain("NEW", 3) }
    assert_equal ["policy_invalid", nil, nil, "procedures"], refused { late.as_of(day("2026-02-10")).dun("{}") }
  end

  def test_a_dunning_run_is_edited_and_posted
    run = late.as_of(day("2026-02-10")).dun(REMINDERS)
    assert_equal %w[refused not_due], run.without([0]).skipped.map(&:reason)
    assert_equal ["unknown_value", nil, nil, "notices"], refused { run.without([1]) }
    facts = run.facts("dun")
    assert_equal [["dun-1", "INV", 1]], facts.notice_lines.map { |line| [line.notice, line.document, line.level] }
    posted = late.append(facts, day("2026-02-10"))
    assert_empty posted.as_of(day("2026-02-10")).dun(REMINDERS).notices
    assert_empty posted.audit_dunning(REMINDERS, day("2026-02-01"), day("2026-02-10"), 3)
  end

  def test_a_dunning_run_becomes_letters
    run = late.as_of(day("2026-02-10")).dun(REMINDERS)
    letters = R.notice_letters(run, '{"sender":{"name":"N"},"id_prefix":"dun"}')
    assert_equal ["dun-1"], letters.map { |one| JSON.parse(one)["document"] }
    written = R.letter(letters.first)
    assert_equal ["en/notice/friendly", true], [written.template, written.body.include?("INV")]
    assert_equal ["policy_invalid", nil, nil, "link"], refused { R.notice_letters(run, '{"link":"javascript:alert(1)"}') }
  end

  def test_dunning_policies_are_tried_on_the_past
    made = late.simulate_dunning(REMINDERS, day("2026-02-01"), day("2026-03-31"))
    assert_equal [[day("2026-02-07"), 1], [day("2026-03-02"), 2]], made.notices.first(2).map { |sent| [sent.day, sent.notice.level] }
    assert_equal [["EUR"], 1, []], [made.totals.map(&:currency), made.customers, made.paid_already]
    differs = late.compare_dunning(REMINDERS, EAGER, day("2026-02-01"), day("2026-03-31")).fetch(0)
    assert_equal ["C", "b", day("2026-02-01"), "INV", "waiting"],
                 [differs.customer, differs.within, differs.day, differs.document, differs.other_reason]
    assert_equal ["missed"], late.audit_dunning(REMINDERS, day("2026-02-01"), day("2026-02-10")).map(&:kind)
    assert_equal ["no_final_step"], R.lint_dunning(EAGER).map(&:code)
    assert_equal ["impossible_date", nil, nil, "to"], refused { late.simulate_dunning(REMINDERS, day("2026-02-02"), day("2026-02-01")) }
  end

  def test_profiles_are_policies
    facts = R::Facts.new(customers: [R::Customer.new(id: "C")], documents: [invoice])
    based = R::Ledger.load(facts, '{"base_currency":"EUR"}').as_of(day("2026-02-28"))
    R.profiles("dunning").each { |name| assert_equal based.day, based.dun(R.profile("dunning", name)).day }
    R.profiles("settlement").each { |name| assert_empty view.settle(R.profile("settlement", name)).questions }
    assert_empty view.propose(R.profile("allocation", R.profiles("allocation").first)).unapplied
    assert_equal ["unknown_kind", nil, nil, "profile"], refused { R.profile("allocation", "none") }
  end

  def test_facts_as_json_text
    row = '{"id":"D","customer":"C","kind":"invoice","currency":"EUR","amount":"1.00","document_date":"2026-01-01"}'
    facts = "{\"customers\":[{\"id\":\"C\"}],\"documents\":[#{row}]}"
    read = R::Ledger.from_json(facts)
    assert_equal 1, read.documents
    more = "{\"documents\":[#{row.sub('"D"', '"E"')}]}"
    assert_equal 2, read.append_json(more, day("2026-01-02")).documents
    assert_equal ["float_refused", "documents", 0, "amount"],
                 refused { R::Ledger.from_json(facts.sub('"1.00"', "1.00")) }
  end

  def test_a_file_by_a_mapping_with_an_account_of_every_row
    mapping = <<~TOML
      [[file]]
      [[file.fact]]
      table = "customers"
      once = true
      fields = { id = "{customer}" }
      [[file.fact]]
      table = "documents"
      fields = { id = "{no}", customer = "{customer}", kind = "invoice", currency = "EUR", amount = "{amount}", document_date = "{date}" }
    TOML
    csv = "customer,no,amount,date\nC,1,12.50,2026-01-31\nC,2,7.00,2026-02-30\n"
    read = R.import_text(mapping, csv)
    assert_equal [2, 1, 1], [read.report.rows, read.report.accepted, read.report.rejected]
    assert_equal ["impossible_date"], read.report.rejections.map(&:code)
    assert_equal 1, R::Ledger.load(read.facts).documents
    assert_equal 1, R.import_ledger(mapping, [R::ImportFile.new(name: "", bytes: csv)]).ledger.documents
  end

  def test_terms_splits_and_days
    document = R::TermsDocument.new(document_date: day("2026-01-01"), currency: "EUR", amount: money("100"))
    terms = '{"due":[{"days":30}]}'
    assert_equal [day("2026-01-31")], R.due_dates(terms, document).map(&:due_date)
    assert_equal [day("2026-01-31")], R.due_dates("NET30", document, "{\"terms\":{\"NET30\":#{terms}}}").map(&:due_date)
    assert_equal "terms.days", R.explain_due_dates(terms, document)[0].dates[0].rule
    assert_equal [money("33.34"), money("33.33"), money("33.33")], R.split(money("100"), "EUR", [1, 1, 1])
    assert_equal "44.59", R.discount_rates("2", 10, 30).compounded_365
    assert_equal "31/365", R.day_count("actual_365_fixed", day("2026-01-01"), day("2026-02-01")).fraction
    assert_equal day("2026-02-02"), R.business_day(day("2026-02-01"), "following")
  end

  def test_a_word_of_the_language_has_another_name
    hold = R::Hold.new(id: "H", reason: "legal", effective: day("2026-01-01"), customer: "C", until_date: day("2026-02-10"))
    held = ledger.append(R::Facts.new(holds: [hold]), day("2026-02-11"))
    assert_equal [100, 0], %w[2026-02-10 2026-02-11].map { |on| held.as_of(day(on)).open_items[1].held }
  end

  def test_what_facts_are_refused_for
    assert_equal ["duplicate_id", "documents", 1, "id"], refused { load(invoice, invoice) }
    assert_equal ["unknown_reference", "documents", 0, "customer"], refused { load(invoice(customer: "X")) }
    assert_equal ["cyclic_parent", "customers", 0, "parent"],
                 refused { load(customers: [R::Customer.new(id: "A", parent: "A")]) }
    assert_equal ["recorded_backwards", nil, nil, "recorded"],
                 refused { ledger.append(R::Facts.new(documents: [invoice(id: "N")]), day("2026-02-09")) }
  end

  def test_all_problems_are_listed_up_to_a_cap
    error = assert_raises(R::ReceivablesError::Refused) { load(*Array.new(250) { |n| invoice(id: "I#{n}", customer: "X") }) }
    assert_equal [100, 250, 99], [error.problems.size, error.total, error.problems.last.index]
  end

  def test_policies_are_proved_before_they_are_used
    assert_equal "policy_invalid", refused { view.aging('{"edges":[30,0]}') }[0]
    assert_equal "unsupported_version", refused { view.aging('{"version":9,"edges":[0]}') }[0]
    assert_equal ["policy_invalid", nil, nil, "discount.grace_days"], refused { view.settle('{"discount":{"grace_days":400}}') }
    assert_equal "policy_invalid", refused { view.settle('{"tolerance":{"limits":[{"amount":1.5}]}}') }[0]
    assert_equal "unknown_dimension", refused { view.aging(POLICY, ["colour"]) }[0]
    assert_equal ["policy_invalid", nil, nil, "settings.colour"], refused { R::Ledger.load(R::Facts.new, '{"colour":1}') }
  end
end
