// Compiled, never run: what TypeScript lets a caller write.
import {
  businessDay, columns, creditorReference, dayCount, discountRates, dueDates, engineVersion, fromMinor, Ledger, letter, lintDunning, localDate, money, noticeLetters, profile, ReceivablesError, split,
  toMinor,
} from '../index.js'
import type {
  AgingPolicy, AllocationPolicy, CashForecast, CashPolicy, Document, DunningPolicy, DunningRun, DunningSimulation, Letter, Letters, LineDifference, OpenItem,
  Rendered, Revaluation, Settings, SettlementPolicy, SkippedItem, Stationery,
} from '../index.js'

export const version: string = engineVersion()

const settings: Settings = {
  baseCurrency: 'EUR',
  companies: { UK: { baseCurrency: 'GBP' } },
  terms: {
    NET30: { due: [{ days: 30 }] },
    THIRDS: { instalments: [{ share: { weight: 1 }, repeat: 3, every: { months: 1 } }] },
    // As a file has them.
    OLD: { due: [{ end_of_month: 0 }] },
  },
}

const invoices: Document[] = [
  { id: 'INV-1', customer: 'ACME', kind: 'invoice', currency: 'EUR', amount: '100.00', documentDate: '2026-01-01', terms: 'NET30' },
  { id: 'PAY-1', customer: 'ACME', kind: 'payment', currency: 'EUR', amount: -40n, documentDate: '2026-02-01' },
]

export function month(): string[] {
  const ledger = Ledger.from({
    settings,
    customers: [{ id: 'ACME', dimensions: { region: 'north' } }],
    documents: invoices,
  })
  const view = ledger.asOf('2026-02-28', { knownOn: '2026-03-01' })
  const open: OpenItem[] = view.openItems()
  const policy: AgingPolicy = { edges: [0, 30, 60, 90], edgeRule: 'up_to_inclusive', credits: 'apart' }
  const aging = view.aging({ ...policy, by: ['customer', 'top_parent', 'dim_region'], where: { currency: ['EUR'] } })
  const lines = aging.rows().map((row) => `${row.customer} ${row.topParent} ${row.dim_region} ${row.buckets.join(' ')}`)
  const sum: bigint = aging.toColumns().totalMinor.reduce((sum, minor) => sum + minor, 0n)
  const late = aging.explain({ customer: 'ACME' }).filter((item) => item.rule === 'aging.past_edge')

  // @ts-expect-error a row has the keys it was grouped by, and no other
  aging.rows()[0]?.kind

  const chosen: AllocationPolicy = { strategies: ['reference', 'oldest_due'], filter: { creditMin: 10n } }
  const proposal = view.propose(chosen)
  const next = ledger.append(proposal.facts('run-1'), { recorded: '2026-03-01' })
  const differences = next.asOf('2026-03-01').reconcile([{ currency: 'EUR', balance: '60.00' }])
  return [...lines, fromMinor(sum, 'EUR'), ...late.map((item) => item.wouldSettle), ...differences.map((d) => d.difference), String(open.length)]
}

export async function columnsOf(): Promise<BigInt64Array> {
  const ledger = await Ledger.fromAsync({
    customers: { id: ['A', 'B'] },
    documents: {
      id: ['1', '2'],
      customer: { keys: Uint32Array.of(0, 1), values: ['A', 'B'] },
      kind: ['invoice', 'invoice'],
      currency: ['EUR', 'EUR'],
      amountMinor: BigInt64Array.of(100n, 200n),
      documentDate: Int32Array.of(20454, 20455),
      dueDate: { values: Int32Array.of(20484, 0), present: Uint8Array.of(1, 0) },
      dim_region: ['north', null],
    },
  })
  const aging = await ledger.asOf('2026-02-28').agingAsync({ profile: 'sap' })
  return aging.toColumns('totals').totalMinor
}

export function cells(day: string): [string, bigint] {
  const { customer, openMinor } = Ledger.from({}).asOf(day).aging({ edges: [0], by: ['customer', 'top_parent'] }).toColumns('cells')
  return [customer.values[customer.keys[0]], openMinor[0]]
}
export const aged: BigInt64Array = columns.age(
  { customer: Uint32Array.of(0), currency: Uint8Array.of(0), due: Int32Array.of(20454), openMinor: BigInt64Array.of(100n) },
  '2026-02-28',
  { edges: [0, 30] },
).openMinor
// @ts-expect-error floats are not money
columns.age({ customer: new Uint32Array(1), currency: new Uint8Array(1), due: new Int32Array(1), openMinor: new Float64Array(1) }, '2026-02-28', { edges: [0] })

export async function settled(ledger: Ledger): Promise<string[]> {
  const policy: SettlementPolicy = {
    strategies: ['reference', 'subset', 'best_match'],
    creditNotes: 'first',
    balanceCredits: ['credit_note'],
    pastDueOn: 'pay_day',
    partial: 'residual',
    filter: { dueUntil: '2026-03-31' },
    scope: 'family',
    crossCurrency: 'allowed',
    exchangeGuard: 'half_minor_unit',
    priority: [{ kinds: ['charge'] }, { dimension: 'cost', values: ['interest'] }],
    discount: { late: 'asked', graceDays: 3, partPayments: 'proportional', of: 'net', tax: 'split', rounding: 'half_even' },
    tolerance: {
      limits: [{ side: 'under', currency: 'EUR', amount: '5.00', amountIn: 'base', percent: 1, clerk: 'anna' }],
      blank: 'none', per: 'payment', kind: 'write_off', reason: 'small', clerk: 'anna', first: 'discount',
      bankCharges: [{ currency: 'EUR', amount: 10n }], strategies: ['reference'],
    },
    cashRounding: [{ currency: 'CHF', place: '0.05', rounding: 'half_even' }],
    search: { items: 4, work: 1000, ambiguous: 'first' },
  }
  const view = ledger.asOf('2026-02-28')
  const settlement = await view.settleAsync({ ...profile('settlement', 'business-central'), ...policy })
  const differences: LineDifference[] = settlement.differences()
  const kept = settlement.without(differences.filter(({ kind }) => kind === 'residual').map(({ line }) => line))
  const next = ledger.append(kept.facts('run-1'), { recorded: '2026-02-28' })
  const back = next.append(next.asOf('2026-03-01').undo(['run-1-1']), { recorded: '2026-03-01' })
  const revaluation: Revaluation = back.asOf('2026-03-01').revaluation()
  const late = settlement.questions().flatMap((question) => (question.kind === 'late_discount' ? [question.amount ?? ''] : []))
  const minor: bigint = kept.toColumns().debitAmountMinor[0] ?? 0n
  const limits: Uint8Array = kept.toColumns('differences').limitMinor.present

  // @ts-expect-error a strategy of settlement is none of a proposal
  const strategies: AllocationPolicy = { strategies: ['subset'] }
  // @ts-expect-error an amount of a limit is money, and a number is none
  const limit: SettlementPolicy = { tolerance: { limits: [{ currency: 'EUR', amount: 0.5 }] } }
  view.settle({ ...limit, ...strategies })
  // @ts-expect-error a proof is rows, and no columns
  kept.toColumns('proof')

  return [...kept.proof().map((row) => row.unapplied), ...revaluation.totals.map((sum) => sum.difference), ...late, `${minor} ${limits}`]
}

export async function foretold(ledger: Ledger): Promise<string[]> {
  const view = ledger.asOf('2026-02-28')
  const model = await view.trainPredictionAsync({ holidays: ['2026-04-03'], intervalPercent: 90 }, { threads: 2 })
  const policy: CashPolicy = { period: 'week', quantiles: [5, 50, 95], promises: 'ignored' }
  const cash: CashForecast = view.cashForecast(model, policy, { by: ['customer'], where: { customer: ['C'] } })
  const weekday = view.predict(model).flatMap((one) => one.reasons.map((why) => (why.rule === 'prediction.pays_on' ? why.weekday : why.rule)))
  // @ts-expect-error a month is no period
  const months: CashPolicy = { period: 'month' }
  const told = ledger.forecastAccuracy(model, { from: '2026-01-01', to: '2026-01-31', policy: months })
  const best: (string | null)[] = view.cashAtRisk(model).map((one) => one.bestContactDay)
  return [...cash.rows().flatMap((row) => row.quantiles), ...weekday, ...told.totals.map((sum) => sum.bias), ...best.map(String)]
}

export async function reminded(ledger: Ledger): Promise<string[]> {
  const policy: DunningPolicy = {
    procedures: {
      standard: {
        graceDays: 2,
        levels: [
          { days: -3, countFrom: 'due_date', tone: 'friendly' },
          {
            days: 14, payWithinDays: 7, interest: true, handOver: 'agency', minimum: [{ currency: 'EUR', amount: '5.00' }],
            noticeFee: { of: 'amount', mode: 'accumulated', currencies: [{ currency: 'EUR', tiers: [{ from: 10n, percent: 1 }] }] },
          },
        ],
      },
    },
    assign: [{ groups: ['public'] }],
    interest: { rates: [{ from: '2026-01-01', percent: '9' }], dayCount: 'actual_360', compensation: { tiers: [{ currency: 'EUR', amount: 40n }] } },
    triggers: [{ id: 'thanks', when: 'payment_received', action: 'thank' }],
  }
  const run: DunningRun = await ledger.asOf('2026-02-28').dunAsync({ ...profile('dunning', 'sap'), ...policy })
  const held: SkippedItem[] = run.skipped().filter(({ reason }) => reason === 'held')
  const next = ledger.append(run.without([0]).facts('dun-1'), { recorded: '2026-02-28' })
  const made: DunningSimulation = await next.simulateDunningAsync({ profile: 'sap' }, { from: '2026-01-01', to: '2026-02-28' })
  const amounts: bigint = run.toColumns().amountMinor[0] ?? 0n
  const compared = next.compareDunning(policy, { profile: 'sap' }, { from: '2026-01-01', to: '2026-02-28' })

  // @ts-expect-error an event is a row, and no columns
  run.toColumns('events')
  // @ts-expect-error a reason that there is not
  held.filter(({ reason }) => reason === 'tired')
  // @ts-expect-error a fee is money, and a number is none
  const fee: DunningPolicy = { procedures: { a: { levels: [{ days: 1, noticeFee: { currencies: [{ currency: 'EUR', tiers: [{ amount: 2.5 }] }] } }] } } }

  // @ts-expect-error a day count that there is not
  const odd: DunningPolicy = { procedures: {}, interest: { rates: [], dayCount: 'lunar' } }

  const warnings = lintDunning(fee).map(({ code }) => code)
  return [...warnings, odd.id ?? '', ...made.totals().map(({ claims }) => claims), ...compared.map((row) => row.in), `${amounts}`]
}

export const parts: string[] = split('100.00', 'EUR', [1, 1, 1n])
export const minor: bigint = toMinor('12.50', 'EUR')
export const printed: string = money(12n, 'EUR')
export const due = dueDates({ terms: 'NET30', documentDate: '2026-01-01', currency: 'EUR', amount: '100.00' }, settings)
export const yearly: string | null = discountRates('2', { discountDays: 10, netDays: 30 }).compounded365
export const fraction: string = dayCount('actual_360', '2026-01-01', '2026-02-01').fraction
export const friday: string = businessDay('2026-05-30', 'modified_following', { holidays: ['2026-05-29'] })

// @ts-expect-error a number is not money
money(10.1, 'EUR')
// @ts-expect-error a Date has a time zone; a day has not
Ledger.from({}).asOf(new Date())
// @ts-expect-error a word that is not in its list
Ledger.from({}).asOf('2026-01-01').aging({ edges: [0], unit: 'hours' })
// @ts-expect-error a ledger is loaded, not constructed
new Ledger()

export function place(error: unknown): [string, number | null, string | null] | undefined {
  return error instanceof ReceivablesError ? [error.code, error.index, error.field] : undefined
}

const thanks: Letter = {
  kind: 'thanks', language: 'fr', date: '2026-10-31', sender: { name: 'N', taxId: 'FR1' }, customer: { id: 'C', name: 'K' },
  currency: 'EUR', total: '1.00', lines: [{ document: 'F', documentDate: '2026-10-01', amount: '1.00' }],
}
const ours: Letters = { templates: { 'fr/thanks/ours': 'S\n---\nO\n---\nC' }, words: { fr: { total_thanks: 'Reçu' } } }
export const written: Rendered = letter(thanks, ours)
const paper: Stationery = { sender: { name: 'N' }, customers: { C: { name: 'K' } }, idPrefix: 'run', agingDays: [0, 30] }
export const letters = (run: DunningRun): Rendered[] => noticeLetters(run, paper).map((one) => letter({ ...one, message: 'M' }))
export const quoted: string = creditorReference('7').printed + localDate('2026-10-31', 'es')
