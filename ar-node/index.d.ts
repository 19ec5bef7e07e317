// Accounts receivable as a library. What every figure means is in docs/specification.md.
//
// Spelling: everything in JavaScript is in camel case, tables, columns and options included (`documentLines`, `dueDate`).
// An option that there is not is refused (`unknown_field`); policies and settings may also be in their published spelling.
// Words that are data stay as published (`"credit_note"`, `"up_to_inclusive"`, `"control_account"`), and so do tables and
// fields in errors. A policy or settings document from a file or another language is taken as it is, in snake case.

// ------------------------------------------------------------------------------------------------ values

/** An amount of money as decimal text, such as `"10.25"`, at the scale of its currency. */
export type Money = string

/**
 * An amount as it may be given: decimal text, or whole major units as a `bigint` (`10n` is ten euros).
 * A JavaScript number cannot hold cents and is refused (`float_refused`).
 */
export type MoneyLike = string | bigint

/** A day as `"YYYY-MM-DD"`, years 1 to 9999. A `Date` has a time and is refused (`datetime_refused`). */
export type Day = string

/** Code of a currency: ISO 4217, or one of `settings.currencies`. */
export type Currency = string

/** A ratio as decimal text with its stated digits, such as `"0.2500"`. */
export type Ratio = string

// ------------------------------------------------------------------------------------------------ errors

/** Stable codes of refusals. Later versions may add some. */
export type ErrorCode =
  | 'missing_field' | 'unknown_field' | 'wrong_type' | 'float_refused' | 'not_a_number' | 'datetime_refused'
  | 'impossible_date' | 'too_many_digits' | 'too_large' | 'unknown_currency' | 'unknown_kind' | 'wrong_sign'
  | 'duplicate_id' | 'unknown_reference' | 'cyclic_parent' | 'does_not_add_up' | 'instalment_sign'
  | 'allocation_sides' | 'missing_leg' | 'over_allocation' | 'already_reversed' | 'already_cancelled'
  | 'recorded_backwards' | 'recorded_mismatch' | 'unknown_dimension' | 'unknown_value' | 'base_amount_missing'
  | 'rate_missing' | 'policy_invalid' | 'unsupported_version' | 'mapping_invalid' | 'limit_exceeded'
  | 'in_the_way' | (string & {})

/** One thing that is wrong, and where. */
export interface Problem {
  code: ErrorCode
  /** One line: what was expected and what came. */
  reason: string
  /** The table by its published name, such as `document_lines`. */
  table: string | null
  /** The row, counted from 0. */
  index: number | null
  /** The field by its published name, such as `due_date`, or the path in a policy. */
  field: string | null
}

/** The engine refused its input, and nothing was changed. Branch on `code`; show `reason` to a person. */
export class ReceivablesError extends Error implements Problem {
  constructor(refusal: { problems: Problem[]; total?: number }, options?: ErrorOptions)
  readonly code: ErrorCode
  readonly reason: string
  readonly table: string | null
  readonly index: number | null
  readonly field: string | null
  /** All problems, ordered by table, row and field; at most 100. */
  readonly problems: Problem[]
  /** How many there are, listed or not. */
  readonly total: number
}

// ------------------------------------------------------------------------------------------------ facts

/**
 * `invoice`, `debit_note`, `charge`, `refund` are zero or above; `credit_note`, `payment`, `advance` zero or below;
 * `journal` may have either sign.
 */
export type DocumentKind =
  | 'invoice' | 'debit_note' | 'charge' | 'refund' | 'credit_note' | 'payment' | 'advance' | 'journal'

/** Name → value. */
export type Dimensions = Record<string, string>

/** The day a fact counts from, and the day it became known. */
export interface Envelope {
  effective: Day
  /** In a first load `effective` when left out; in an append the day of the append. */
  recorded?: Day | null
}

/** A customer: who owes. What changes later goes into `customerChanges`. */
export interface Customer {
  id: string
  name?: string | null
  /** The customer it belongs to. */
  parent?: string | null
  group?: string | null
  /** Code of the terms that its documents have unless they name others. */
  terms?: string | null
  dimensions?: Dimensions | null
}

/** A dated value of one attribute of a customer. */
export interface CustomerChange extends Envelope {
  customer: string
  attribute:
    | 'name' | 'parent' | 'group' | 'terms' | 'limit' | 'blocked' | 'score' | 'contact' | 'language' | 'channel'
    | `dim_${string}`
  /** None clears the attribute. */
  value?: string | null
  /** The last day it holds, inclusive; of `blocked` alone. */
  until?: Day | null
}

/** A document. **Sign**: positive is what the customer owes, negative lowers it. */
export interface Document {
  id: string
  customer: string
  kind: DocumentKind
  currency: Currency
  /** Gross, in `currency`. */
  amount: MoneyLike
  documentDate: Day
  /** The day it counts from; `documentDate` when left out. */
  postingDate?: Day | null
  /** When left out, by `terms`, then by the customer's terms (invoices, debit notes, charges). */
  dueDate?: Day | null
  /** Code of its payment terms in the settings. */
  terms?: string | null
  company?: string | null
  controlAccount?: string | null
  /** What the other side calls it; on a payment, what it says it pays. */
  reference?: string | null
  /** The document that a credit note corrects or a charge belongs to. */
  related?: string | null
  order?: string | null
  /** With `tax`; both add up to `amount`. */
  net?: MoneyLike | null
  tax?: MoneyLike | null
  /** In the base currency of its company. */
  baseAmount?: MoneyLike | null
  /** Units of base currency for one of `currency`, at most 12 digits after the point. */
  rate?: MoneyLike | null
  dimensions?: Dimensions | null
  recorded?: Day | null
}

/** A net or tax line of a document of the same batch; they add up to its amount. */
export interface DocumentLine {
  document: string
  kind: 'net' | 'tax'
  code?: string | null
  amount: MoneyLike
}

/** One instalment of a schedule; those of one document, effective and recorded day add up to its amount. */
export interface Instalment {
  document: string
  /** From 1, unique in its schedule. */
  number: number | bigint
  dueDate: Day
  amount: MoneyLike
  plan?: string | null
  /** The document's when left out. */
  effective?: Day | null
  recorded?: Day | null
}

/** A tier of a discount offered on a document: `percent`, of `basis` or of the document, or else `amount`. */
export interface Discount {
  document: string
  /** The last day on which it may be taken. */
  until: Day
  /** Above 0, at most 100. */
  percent?: MoneyLike | null
  /** Above zero, at most the document's. */
  amount?: MoneyLike | null
  /** What the percentage is of; the document's amount when left out. */
  basis?: MoneyLike | null
  /** The document's when left out. */
  effective?: Day | null
  recorded?: Day | null
}

/** A credit applied to a debit. */
export interface Allocation {
  id: string
  /** The document with the negative amount. */
  credit: string
  /** The document with the positive amount. */
  debit: string
  /** Above zero, in the credit's currency. */
  amount: MoneyLike
  /** Above zero, in the debit's currency; needed when that is another. */
  debitAmount?: MoneyLike | null
  /** An instalment of the debit. */
  instalment?: number | bigint | null
  baseCredit?: MoneyLike | null
  baseDebit?: MoneyLike | null
  /** The later day of the two documents when left out. */
  effective?: Day | null
  recorded?: Day | null
}

/** Why a part of a document is closed that no other document pays. */
export type DifferenceKind =
  | 'discount' | 'discount_tax' | 'tolerance' | 'write_off' | 'bank_charge' | 'cash_rounding' | 'residual' | 'other'

/** A part of a document that no other document pays. */
export interface SettlementDifference {
  /** Unique among allocations and differences. */
  id: string
  document: string
  kind: DifferenceKind
  /** Above zero, in the document's currency: it lowers what is open in absolute terms. */
  amount: MoneyLike
  /** The allocation that it stands beside and is taken back with. */
  allocation?: string | null
  /** An instalment of the document. */
  instalment?: number | bigint | null
  reason?: string | null
  /** What it is worth in base currency. */
  baseAmount?: MoneyLike | null
  /** What it takes off the document's base amount. */
  baseDocument?: MoneyLike | null
  /** The later day of the document and the allocation when left out. */
  effective?: Day | null
  recorded?: Day | null
}

/** An allocation taken back. */
export interface Reversal extends Envelope {
  allocation: string
  reason?: string | null
}

/** A document that counts no more: a bounced receipt, a voided invoice. */
export interface Cancellation extends Envelope {
  document: string
  reason?: string | null
}

/** A disputed document, or part of it. */
export interface Dispute extends Envelope {
  id: string
  document: string
  reason: string
  /** Zero or above; all of what is open when left out. */
  amount?: MoneyLike | null
}

/** A document, or a customer with all its documents, kept out of dunning and collection. */
export interface Hold extends Envelope {
  id: string
  customer?: string | null
  document?: string | null
  reason: string
  /** The last day it holds, inclusive. */
  until?: Day | null
}

/** A promise to pay. */
export interface Promised extends Envelope {
  id: string
  customer: string
  document?: string | null
  currency: Currency
  /** Zero or above. */
  amount: MoneyLike
  promisedDate: Day
}

/** A payment plan, to which schedules of instalments belong. */
export interface Plan extends Envelope {
  id: string
  customer: string
  reason?: string | null
}

/** A notice sent to a customer, on its effective day. */
export interface Notice extends Envelope {
  id: string
  customer: string
  document?: string | null
  /** From 0 on; a notice of level 0 reminds nobody, and remembers an event. */
  level: number | bigint
  channel?: string | null
  /** The dunning procedure. */
  procedure?: string | null
  company?: string | null
  currency?: Currency | null
  /** Until when it asks to be paid. */
  dueDate?: Day | null
}

/** A line of a notice of the same batch: an item, and its level. It has the envelope of its notice. */
export interface NoticeLine {
  notice: string
  document: string
  /** Each of the document when left out. */
  instalment?: number | bigint | null
  level: number | bigint
  /** The last day that interest is charged for. */
  interestUntil?: Day | null
}

/** What will become receivable. */
export interface Commitment extends Envelope {
  id: string
  customer: string
  kind: 'draft' | 'order' | 'delivery'
  company?: string | null
  currency: Currency
  amount: MoneyLike
  expectedDate?: Day | null
  /** Without tax, when `amount` is with it. */
  net?: MoneyLike | null
  /** The id of the commitment that it follows, and lowers. */
  order?: string | null
}

/** How much credit there is: a limit, a cap on a part of the exposure, or what secures it. */
export interface CreditLine extends Envelope {
  id: string
  kind:
    | 'limit'
    | 'family_limit'
    | 'guarantee'
    | 'insurance'
    | 'open_items'
    | 'overdue'
    | 'deliveries'
    | 'orders'
    | 'drafts'
  /** Whose it is; a limit or cap without customer and group is everybody's. */
  customer?: string | null
  group?: string | null
  /** None: of all companies. */
  company?: string | null
  currency: Currency
  /** None: no limit. */
  amount?: MoneyLike | null
  /** The last day that it holds. */
  until?: Day | null
}

/** An order that was let through although its check failed. */
export interface Release extends Envelope {
  id: string
  customer: string
  /** What was released. */
  order: string
  currency: Currency
  /** Up to how much. */
  amount: MoneyLike
  /** Who released it. */
  by?: string | null
  reason?: string | null
  /** The last day that it holds. */
  until?: Day | null
}

/** The state of a delivery, or of a document that the customer requires. */
export interface Requirement extends Envelope {
  document: string
  requirement: string
  state: 'missing' | 'fulfilled' | 'waived'
}

/** The end of a dispute, hold, promise, plan, notice, commitment, credit line or release. */
export interface Closing extends Envelope {
  /** The id of what ends. */
  of: string
  outcome?: string | null
}

/** A rate of exchange. */
export interface Rate extends Envelope {
  currency: Currency
  base: Currency
  /** Units of `base` for one of `currency`; above zero, at most 12 digits after the point. */
  rate: MoneyLike
}

/** The tables of facts and their rows. */
export interface FactRows {
  customers: Customer
  customerChanges: CustomerChange
  documents: Document
  documentLines: DocumentLine
  instalments: Instalment
  discounts: Discount
  allocations: Allocation
  differences: SettlementDifference
  reversals: Reversal
  cancellations: Cancellation
  disputes: Dispute
  holds: Hold
  promises: Promised
  plans: Plan
  notices: Notice
  noticeLines: NoticeLine
  commitments: Commitment
  creditLines: CreditLine
  releases: Release
  requirements: Requirement
  closings: Closing
  rates: Rate
}

/** Rows of every table. */
export type AllFacts = { [Table in keyof FactRows]: FactRows[Table][] }

/** Values with gaps: `present[i]` is 0 where there is none. */
export interface Optional<Values> {
  values: Values
  present: Uint8Array
}

/** Texts that repeat: row `i` has `values[keys[i]]`; a key beyond the values is no value. */
export interface Dictionary {
  keys: Uint32Array
  values: readonly string[]
}

/**
 * A column: a list of what a row would have, or faster a typed array. Days are an `Int32Array` of days since 1970-01-01,
 * minor units a `BigInt64Array` under `<column>Minor`, whole numbers a `BigInt64Array`.
 */
export type Column =
  | readonly unknown[]
  | Int32Array
  | BigInt64Array
  | Dictionary
  | Optional<readonly unknown[] | Int32Array | BigInt64Array>

/** The money columns of a table. */
type MoneyColumn =
  | 'amount' | 'net' | 'tax' | 'baseAmount' | 'debitAmount' | 'baseCredit' | 'baseDebit'

/**
 * A table as columns of one length. A money column may be given as `amountMinor` in minor units of the row's currency
 * instead of `amount`; a dimension is a column `dim_<name>`.
 */
export type Columns<Row> = { readonly [Field in keyof Omit<Row, 'dimensions'>]?: Column } & {
  readonly [Field in Extract<keyof Row, MoneyColumn> as `${Field}Minor`]?: Column
} & { readonly [Dimension in `dim_${string}`]?: Column }

/** Facts of a load or an append: each table as a list of rows or as columns. */
export type Facts = { readonly [Table in keyof FactRows]?: readonly FactRows[Table][] | Columns<FactRows[Table]> | null }

/**
 * Facts as Arrow IPC bytes, stream or file, without compression. Columns go by their published names (`document_date`);
 * whole numbers under `amount_minor` are minor units, dimensions are `dim_<name>`. Several buffers follow one another.
 */
export type ArrowFacts = { readonly [Table in keyof FactRows]?: Uint8Array | readonly Uint8Array[] | null }

// ------------------------------------------------------------------------------------------------ settings

/** What a ledger must know before its first fact. All of it has defaults. */
export interface Settings {
  /** The base currency of companies that `companies` does not name. */
  baseCurrency?: Currency
  companies?: Record<string, { baseCurrency: Currency }>
  /** Own codes → digits after the point, 0 to 8. */
  currencies?: Record<Currency, number>
  /** Code → payment terms. */
  terms?: Record<string, Terms | PolicyDocument>
  /** Dimension → value → its parent value. */
  hierarchies?: Record<string, Record<string, string>>
  /** `same`: an instalment has its document's sign. */
  instalmentSign?: 'same' | 'any'
}

/** A policy, settings or terms as JSON has them in every language: keys in snake case. */
export type PolicyDocument = { readonly [key: string]: unknown }

/** Payment terms; see docs/terms.md. */
export interface Terms {
  version?: 1
  id?: string
  /** The only currency these terms are for. */
  currency?: Currency
  /** Steps from the document date to the due date, taken in order. */
  due?: DateStep[]
  roll?: Roll
  calendar?: BusinessCalendar
  instalments?: TermsLine[]
  start?: 'document' | 'previous'
  rounding?: Rounding
  /** To what amounts are rounded, in major units, such as `"0.05"`. */
  place?: MoneyLike
  residue?: 'largest_remainder' | 'last'
  base?: 'by_amount' | 'by_share'
  discounts?: { percent: string | number; due: DateStep[] }[]
}

/** How an amount is rounded; the first word is the default. */
export type Rounding =
  | 'half_away_from_zero' | 'half_toward_zero' | 'half_even' | 'half_ceiling' | 'half_floor'
  | 'up' | 'down' | 'ceiling' | 'floor'

/** One step from a day to a day. */
export type DateStep =
  | { days: number }
  | { businessDays: number }
  | { months: number }
  | { endOfMonth: number }
  | { endOfQuarter: number }
  | { dayOfMonth: { day: number; months?: number } }
  | { cutoff: { upTo?: number; day: number; months?: number }[] }
  | { paymentDays: number[] }
  | { weekday: Weekday }
  | { nextDate: { month: number; day: number } }
  | { date: Day }

/** A line of payment terms. */
export interface TermsLine {
  share:
    | { percent: string | number }
    | { percentOfRest: string | number }
    | { fixed: MoneyLike }
    | { weight: number }
    | 'remainder'
  due?: DateStep[]
  /** How many times the line stands, 1 when left out. */
  repeat?: number
  /** Between repetitions. */
  every?: { months: number } | { days: number }
}

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

/** Where a day goes that is no business day. */
export type Roll = 'none' | 'following' | 'preceding' | 'modified_following' | 'modified_preceding'

/** Which days are business days; Saturdays and Sundays are off when `weekend` is left out. */
export interface BusinessCalendar {
  weekend?: Weekday[]
  holidays?: Day[]
}

// ------------------------------------------------------------------------------------------------ ledger

/** A ledger of receivables: dated facts, only ever added to. It never changes; an append gives another. */
export class Ledger {
  private constructor()

  /**
   * Loads a ledger. A load that fails lists every offending row.
   * @throws {ReceivablesError}
   */
  static from(facts: Facts & { readonly settings?: Settings | PolicyDocument | string }): Ledger
  /** The same on another thread. Values are read before the call returns. */
  static fromAsync(facts: Facts & { readonly settings?: Settings | PolicyDocument | string }): Promise<Ledger>

  /** Loads a ledger from JSON text: an object of tables, each a list of rows, by their published names. */
  static fromJson(json: string, settings?: Settings | PolicyDocument | string): Ledger
  static fromJsonAsync(json: string, settings?: Settings | PolicyDocument | string): Promise<Ledger>

  /** Loads a ledger from Arrow IPC bytes. */
  static fromArrow(facts: ArrowFacts & { readonly settings?: Settings | PolicyDocument | string }): Ledger
  static fromArrowAsync(facts: ArrowFacts & { readonly settings?: Settings | PolicyDocument | string }): Promise<Ledger>

  /**
   * Loads a ledger from CSV or JSON lines by a mapping. Rows that cannot be read or that the ledger refuses are listed
   * in the report, and the rest is loaded. Without settings, those of the mapping count.
   */
  static fromFiles(mapping: ImportMapping, files: Files, settings?: Settings | PolicyDocument | string): LoadedImport

  /**
   * The ledger with more facts, all recorded on one day, not before `lastRecorded`. This one is unchanged in any case.
   * @throws {ReceivablesError}
   */
  append(facts: Facts, options: { recorded: Day }): Ledger
  appendAsync(facts: Facts, options: { recorded: Day }): Promise<Ledger>
  appendJson(json: string, options: { recorded: Day }): Ledger
  appendArrow(facts: ArrowFacts, options: { recorded: Day }): Ledger
  appendFiles(mapping: ImportMapping, files: Files, options: { recorded: Day }): LoadedImport

  /**
   * What was owed as of a day, that day included.
   * @param options `knownOn`: with what had been recorded by that day, inclusive; with all that is known now when left out.
   */
  asOf(day: Day, options?: { knownOn?: Day | null }): View
  /**
   * `asOf` for one customer alone, in time that depends on the customer's documents, not on the ledger. What the view says
   * of pending facts stays about the whole ledger.
   */
  customerAsOf(customer: string, day: Day, options?: { knownOn?: Day | null }): View

  /**
   * A desk that answers about one customer at a time, made without a look at the documents.
   * @throws {ReceivablesError} `policy_invalid`, `unsupported_version`
   */
  credit(policy: CreditPolicyChoice | undefined, day: Day, options?: { knownOn?: Day | null }): CreditDesk

  /**
   * What a dunning policy would have sent from one day to another, both inclusive, each day knowing what was known on it. The
   * notices of the ledger are left aside.
   * @throws {ReceivablesError} `policy_invalid`, `impossible_date`, `limit_exceeded` past 3,660 days, `rate_missing`
   */
  simulateDunning(policy: DunningChoice, options: Period): DunningSimulation
  simulateDunningAsync(policy: DunningChoice, options: Period): Promise<DunningSimulation>
  /** The customers whom two policies would have treated differently, each with the first line that only one of them has. */
  compareDunning(policy: DunningChoice, other: DunningChoice, options: Period): ComparedCustomer[]
  compareDunningAsync(policy: DunningChoice, other: DunningChoice, options: Period): Promise<ComparedCustomer[]>
  /** Where the notices of the ledger are not what a policy says, day by day; one may be `toleranceDays` late. */
  auditDunning(policy: DunningChoice, options: Period & { toleranceDays?: number }): AuditRow[]
  auditDunningAsync(policy: DunningChoice, options: Period & { toleranceDays?: number }): Promise<AuditRow[]>

  /**
   * The forecast of each day from one to another, made from what was known that day, beside what came on the days after it.
   * @throws {ReceivablesError} `model_knows_later`, `policy_invalid`, `impossible_date`, `limit_exceeded` past 400 days
   */
  forecastAccuracy(model: PredictionModel, options: Period & { policy?: CashPolicy | PolicyDocument | string }): ForecastAccuracy
  /** A forecast that was kept, beside what came: a row for each of its periods that is over, about the items that it was about. */
  compareForecast(forecast: CashForecast): ForecastAccuracy
  /** How a model trained `days` (61) before a day, with what was known then, would have held since. */
  predictionCalibration(
    day: Day,
    policy?: PredictionPolicy | PolicyDocument | string,
    options?: TrainingOptions & { days?: number },
  ): PredictionCalibration

  /** The last day on which a fact was recorded; none for an empty ledger. */
  get lastRecorded(): Day | null
  /** How many documents it holds. */
  get documentCount(): number
}

/** What is left of a document, or of one of its instalments. */
export interface OpenItem {
  company: string
  controlAccount: string
  customer: string
  currency: Currency
  document: string
  /** 0 without a schedule. */
  instalment: number
  kind: DocumentKind
  documentDate: Day
  dueDate: Day | null
  /** What is left, with the document's sign. */
  open: Money
  /** What is left in base currency; none when the document has no base amount. */
  baseOpen: Money | null
  /** The disputed part of `open`. */
  disputed: Money
  /** All of `open` when it is held, else zero. */
  held: Money
  /** What allocations will take that are known and count later. */
  pending: Money
}

/**
 * An allocation or difference that counts on the view's day and is not taken back. A difference has the side of its document alone;
 * its other base amount is what it is worth.
 */
export interface Match {
  id: string
  /** `allocation`, or the kind of the difference. */
  kind: 'allocation' | DifferenceKind
  credit: string | null
  debit: string | null
  /** The instalment that it names; 0 when none. */
  instalment: number
  /** What it takes off the credit. */
  amount: Money | null
  /** What it takes off the debit. */
  debitAmount: Money | null
  /** The credit's. */
  currency: Currency | null
  debitCurrency: Currency | null
  baseCredit: Money | null
  baseDebit: Money | null
  /** `baseCredit` − `baseDebit`, in one base currency. */
  exchange: Money | null
  effective: Day
  /** The allocation that a difference stands beside. */
  beside: string | null
  reason: string | null
}

/** A fact known and effective after the view's day. */
export interface PendingFact {
  /** Its table by its published name. */
  table: string
  /** Its id, else the id of what it is about. */
  id: string
  effective: Day
  recorded: Day
}

/** Receipts of an account known and effective after the view's day. */
export interface PendingReceipts {
  company: string
  controlAccount: string
  customer: string
  currency: Currency
  /** Their sum, below zero. */
  amount: Money
}

/** A balance of a control account in the general ledger. */
export interface ControlBalance {
  company?: string | null
  controlAccount?: string | null
  currency: Currency
  balance: MoneyLike
}

/** Where ledger and general ledger differ. */
export interface Difference {
  company: string
  controlAccount: string
  currency: Currency
  /** The sum of the open items. */
  ledger: Money
  /** The balance given. */
  control: Money
  /** `ledger` − `control`. */
  difference: Money
}

/** What each account owed on a day. It carries its day, so no question takes another. */
export class View {
  private constructor()

  get day(): Day
  /** The day up to which facts are known; none when all are. */
  get knownOn(): Day | null

  /** By company, control account, customer, currency, due date (none last), document and instalment. */
  openItems(): OpenItem[]
  /** The open items as columns. */
  toColumns(): OpenItemColumns
  /** The open items as an Arrow IPC stream; money is `decimal128`, days are `date32`. */
  toArrow(): Uint8Array

  /**
   * The facts that count on the view's day, as known then, as rows with their defaults filled in; customers always do.
   * Loaded anew they make a ledger with the same open items on every day up to this one.
   */
  facts(): AllFacts

  /** The allocations and differences that hold on the day: allocations first, each by id. */
  matches(): Match[]

  /** All facts known and effective later. */
  pending(): PendingFact[]
  /** Receipts known and effective later, by account. */
  pendingReceipts(): PendingReceipts[]

  /** The same open items as they will stand on a later day if nothing happens until then. */
  carriedTo(day: Day): View

  /**
   * How old is what is owed.
   * @throws {ReceivablesError} `policy_invalid`, `unknown_dimension`, `unknown_value`, `base_amount_missing`, `rate_missing`
   */
  aging<const By extends AgingKey = never>(options: AgingOptions<By>): Aging<By>
  agingAsync<const By extends AgingKey = never>(options: AgingOptions<By>): Promise<Aging<By>>

  /** Every place where the open items and the control account differ; empty when all tie. */
  reconcile(balances: readonly ControlBalance[]): Difference[]

  /** Proposes allocations of the open credits; nothing is posted. All defaults without a policy. */
  propose(policy?: AllocationPolicy | PolicyDocument | { profile: string } | string): Proposal
  proposeAsync(policy?: AllocationPolicy | PolicyDocument | { profile: string } | string): Promise<Proposal>

  /**
   * Settles the open credits, with discounts, tolerances, currencies and families as the policy says; nothing is posted.
   * Without a policy its lines are those of `propose`.
   */
  settle(policy?: SettlementPolicy | PolicyDocument | { profile: string } | string): Settlement
  settleAsync(policy?: SettlementPolicy | PolicyDocument | { profile: string } | string): Promise<Settlement>

  /**
   * Whom to remind, of what, at which level, and why not the others; nothing is posted.
   * @throws {ReceivablesError} `policy_invalid`, `unknown_dimension`, `unknown_value`, `rate_missing`
   */
  dun(policy: DunningChoice): DunningRun
  dunAsync(policy: DunningChoice): Promise<DunningRun>

  /** A desk of this day that answers about one customer at a time; `ledger.credit` needs no view. */
  credit(policy?: CreditPolicyChoice): CreditDesk
  /**
   * What is true here and was not in an earlier view of the same ledger, each crossing once. Its `facts` are notices of level 0:
   * appended, nothing of it is ever told again.
   */
  creditAlerts(before: View, policy: CreditPolicyChoice): CreditAlerts

  /**
   * What is to be provided for of what is owed, by pool and bucket, and what is booked; `before` is what was provided before.
   * @throws {ReceivablesError} `policy_invalid`, `loss_rate_missing`, `unknown_reference`
   */
  provision(policy: ProvisionPolicy | string, options?: { before?: readonly { currency: Currency; amount: MoneyLike }[] }): Provision

  /**
   * The loss rates of the ledger's own history until this day, by cohort or by roll rates; none where it is too short.
   * @throws {ReceivablesError} `policy_invalid`, `unknown_dimension`, `unknown_value`
   */
  lossRates(policy: LossRatePolicy | string): LossRates

  /**
   * What a policy would have provided for in an earlier view of the same ledger, beside what was lost until this day.
   * @throws {ReceivablesError} `policy_invalid`, `loss_rate_missing`, `impossible_date`
   */
  backTest(
    then: View,
    policy: ProvisionPolicy | string,
    options?: { lossKinds?: readonly string[]; stillOpen?: 'lost' | 'not_lost' },
  ): BackTest

  /**
   * What every customer, or family under its top parent, is exposed to, part by part, with its limit.
   * @throws {ReceivablesError} `policy_invalid`, `rate_missing`, `unknown_currency`
   */
  exposure(policy?: CreditPolicyChoice, options?: { per?: 'customer' | 'family'; company?: string }): Exposure

  /**
   * A chart of what the view shows, as a Vega-Lite specification: data that vega-embed or any Vega-Lite draws. Its rows are in
   * `data.values`, amounts as text.
   * @throws {ReceivablesError} `policy_invalid`, `unsupported_version`, `unknown_value`, `rate_missing`, `base_amount_missing`
   */
  picture(policy: PicturePolicy | PolicyDocument | string): Picture

  /**
   * Key figures, by the keys of an aging and by currency, on this day or at several ends of months up to it.
   * @throws {ReceivablesError} `policy_invalid`, `unsupported_version`, `unknown_dimension`, `unknown_value`, `impossible_date`,
   *   `base_amount_missing`, `too_large`
   */
  kpis(options?: KpiOptions): Kpis
  /** The same, on another thread. */
  kpisAsync(options?: KpiOptions): Promise<Kpis>
  /**
   * Why days sales outstanding changed since an earlier view of the same ledger: sales mix, terms and delay, which add up to it.
   * @throws {ReceivablesError} as `kpis`
   */
  explainDso(before: View, options?: KpiOptions): DsoChange

  /**
   * The facts that take back allocations and differences, effective on the view's day. What stands beside an allocation is
   * taken back with it; the document that a residual became is cancelled.
   * @throws {ReceivablesError} `unknown_reference`, `in_the_way`
   */
  undo(ids: readonly string[]): Undoing

  /**
   * What open items in foreign currency are worth at the latest rates that count; nothing is posted.
   * @throws {ReceivablesError} `base_amount_missing`, `rate_missing`
   */
  revaluation(): Revaluation

  /**
   * What every overdue item bears up to the view's day, interest and compensation; nothing is posted.
   * @throws {ReceivablesError} `rate_missing`, `unknown_reference`, `too_large`
   */
  interest(policy: InterestPolicy | PolicyDocument | { profile: string } | string, question?: InterestQuestion): InterestReport
  /** The same, each item with the segments that it re-adds from. */
  explainInterest(policy: InterestPolicy | PolicyDocument | { profile: string } | string, question?: InterestQuestion): InterestReport

  /**
   * Learns how customers pay, from all that this view knows. The model is the same with any number of threads. `progress` is
   * told before the first tree and after each how many there are, of how many; when it returns `false` the training ends.
   * @throws {ReceivablesError} `policy_invalid`, `unsupported_version`, `impossible_date`, `cancelled`
   */
  trainPrediction(policy?: PredictionPolicy | PolicyDocument | string, options?: TrainingOptions): PredictionModel
  /** The same on another thread, without progress. */
  trainPredictionAsync(policy?: PredictionPolicy | PolicyDocument | string, options?: { threads?: number }): Promise<PredictionModel>
  /**
   * When each open item that a customer owes will be paid, how sure that is, and why; and what else is asked of each.
   * @throws {ReceivablesError} `impossible_date`; `policy_invalid` for quantiles that do not rise from 1 to 99; `model_knows_later` for
   * a model that was trained after the view's day
   */
  predict(model: PredictionModel, ask?: PredictionAsk): Prediction[]
  /**
   * The cash that is expected of what is open, by day or week, by the keys of {@link aging} and by currency.
   * @throws {ReceivablesError} `policy_invalid`, `unknown_dimension`, `unknown_value`, `model_knows_later`
   */
  cashForecast(
    model: PredictionModel,
    policy?: CashPolicy | PolicyDocument | string,
    options?: { by?: readonly string[]; where?: Record<string, readonly string[]> },
  ): CashForecast
  /** What of each open item may not come, and until when a call can change the payer's next run. */
  cashAtRisk(model: PredictionModel, policy?: CashPolicy | PolicyDocument | string): CashAtRisk[]
  /** Whether customers pay otherwise since a model was trained. */
  predictionDrift(model: PredictionModel): PredictionDrift
}

// ---------------------------------------------------------------------------------------------- prediction

/** A ratio with 4 digits, as text. */
export type Chance = string

/** How the future is asked about; see docs/prediction.md. What is left out has its default. */
export interface PredictionPolicy {
  version?: 1
  id?: string
  /** Days on which banks are closed. */
  holidays?: readonly Day[]
  /** Of 100 payments, how many shall fall inside the interval: 80. */
  intervalPercent?: number
  burnInDays?: number
  /** Paid invoices that are learnt from (posted after `burnInDays`, of the sample of `mostInvoices`), below which nothing is trained: 500. */
  leastPaidInvoices?: number
  mostInvoices?: number
}

/** How coming cash is told; see docs/prediction.md. The first word of each list is the default. */
export interface CashPolicy {
  version?: 1
  id?: string
  /** From 1 to 366; 91. */
  horizonDays?: number
  period?: 'day' | 'week'
  /** Rising, from 1 to 99; 10, 50, 90. */
  quantiles?: readonly number[]
  /** How many outcomes the quantiles are counted from: 1000. */
  draws?: number
  promises?: 'kept_rate' | 'ignored'
  discounts?: 'taken' | 'ignored'
  /** Cash is at risk that is still open so many days after the view's day: 30. */
  atRiskDays?: number
  /** How many banking days before a payment run a call must come to change it: 2. */
  noticeBankingDays?: number
  /** How many days after each day a forecast is compared with what came: 1. */
  accuracyDays?: number
}

export interface TrainingOptions {
  /** From 1 to 64. */
  threads?: number
  progress?: (done: number, all: number) => boolean | void
}

/** One thing that is known and bears on the day; its other fields are what its `rule` looks at. */
export type PredictionReason =
  | { rule: 'prediction.no_payments' }
  | { rule: 'prediction.usual_delay'; payments: number; days: number }
  | { rule: 'prediction.due_weekday'; weekday: Weekday; payments: number; days: number }
  | { rule: 'prediction.pays_on'; weekday: Weekday; percent: number }
  /** Weeks of the month are 1 to 4; 5 is the last. */
  | { rule: 'prediction.pays_in_weeks'; weekday: Weekday; weeks: number[]; percent: number }
  /** Days of the month are 1 to 30; 31 is the last. */
  | { rule: 'prediction.pays_on_days'; monthDays: number[]; percent: number }
  | { rule: 'prediction.misses_run'; run: Day; next: Day }
  | { rule: 'prediction.payment_runs'; everyDays: number; last: Day }
  | { rule: 'prediction.left_out'; runs: number }
  | { rule: 'prediction.overdue'; days: number }
  | { rule: 'prediction.disputed'; since: Day }
  | { rule: 'prediction.promised'; on: Day }
  | { rule: 'prediction.promise_broken'; on: Day }
  | { rule: 'prediction.noticed'; level: number; on: Day }
  | { rule: 'prediction.part_paid'; percent: number }
  | { rule: 'prediction.limit_used'; percent: number }
  | { rule: 'prediction.no_runs'; runs: number }
  | { rule: 'prediction.no_banking_day'; next: Day }

/** When an open item will be paid. */
export interface Prediction {
  document: string
  instalment: number
  customer: string
  currency: Currency
  open: Money
  dueDate: Day
  /** The day by which it is paid as likely as not. */
  expected: Day
  earliest: Day
  latest: Day
  /** The chance that it is paid after its due day. */
  late: Chance
  openAfter30: Chance
  openAfter60: Chance
  openAfter90: Chance
  basis: 'model' | 'few_payments' | 'own_past' | 'not_enough_history'
  reasons: PredictionReason[]
  /** Of each percentage that was asked for the day by which it is paid with that chance. */
  quantiles: Day[]
  /** Of each day that was asked for the chance that it is paid by then. */
  paidBy: Chance[]
}

/** What else {@link View.predict} answers of each item. */
export interface PredictionAsk {
  /** Rising, from 1 to 99. */
  quantiles?: readonly number[]
  paidBy?: readonly Day[]
}

/** What was learnt from a view. It is kept as text, and answers the same on any machine. */
export class PredictionModel {
  private constructor()

  /** @throws {ReceivablesError} `wrong_type`, `unsupported_version`, `policy_invalid` */
  static fromText(text: string): PredictionModel
  toText(): string
  get trainedOn(): Day
  /** The day by which what it learnt from was recorded; null for a model kept before models said so. */
  get knownOn(): Day | null
  get paidInvoices(): number
  /** Whether there was enough to learn from; if not, answers come from each customer's own past. */
  get isTrained(): boolean
}

/** The cash of a period. */
export interface CashRow {
  /** The values of the keys; empty in totals. */
  by: string[]
  currency: Currency
  from: Day
  to: Day
  /** Less discounts. */
  expected: Money
  /** Below each lie so many of 100 outcomes, in the order of the policy's quantiles. */
  quantiles: Money[]
  /** From the first day of the forecast to `to`. */
  cumulative: Money
  cumulativeQuantiles: Money[]
}

/** What becomes of what is open: `open` is the sum of all amounts that follow it. */
export interface CashSum {
  by: string[]
  currency: Currency
  items: number
  /** What of `expected`, `discount` and `later` is spread over days without enough history to say when it comes. */
  notEnoughHistory: Money
  open: Money
  expected: Money
  discount: Money
  later: Money
  disputed: Money
  covered: Money
  unforeseen: Money
}

/** The cash that is expected of what is open. Keep it as text, and compare it later with what came. */
export class CashForecast {
  private constructor()

  static fromText(text: string): CashForecast
  toText(): string
  get day(): Day
  get knownOn(): Day | null
  get lastDay(): Day
  get by(): string[]
  get quantiles(): number[]
  get trainedOn(): Day
  get madeBy(): MadeBy
  /** By key, currency and period; periods without any cash are left out. */
  rows(): CashRow[]
  /** By currency and period, every period. */
  totals(): CashRow[]
  sums(): CashSum[]
  totalSums(): CashSum[]
}

/** A forecast made on `day` beside what came, and beside what the due dates said. */
export interface AccuracyRow {
  day: Day
  from: Day
  to: Day
  currency: Currency
  expected: Money
  low: Money | null
  high: Money | null
  actual: Money
  byDueDate: Money
}

/** What the rows of a currency come to. */
export interface AccuracyTotal {
  currency: Currency
  forecasts: number
  expected: Money
  actual: Money
  byDueDate: Money
  /** Above zero when too much was expected. */
  bias: Money
  /** The sum of the differences without their signs. */
  error: Money
  dueDateBias: Money
  dueDateError: Money
  coverage: Chance | null
}

export interface ForecastAccuracy {
  rows: AccuracyRow[]
  totals: AccuracyTotal[]
  madeBy: MadeBy
}

/** Cash that may not come. A call on `bestContactDay`, which may lie before `dueDate`, or before can still change `nextRun`. */
export interface CashAtRisk {
  document: string
  instalment: number
  customer: string
  currency: Currency
  open: Money
  dueDate: Day
  atRisk: Money
  nextRun: Day | null
  bestContactDay: Day | null
  /** The share that is expected to be paid, or covered, by that run anyway. */
  paidByRun: Chance | null
  basis: 'model' | 'few_payments' | 'own_past' | 'not_enough_history'
  reasons: PredictionReason[]
}

/** How the chances of a model trained before a span held in it; `tenths` are 0.1 each when all hold. */
export interface PredictionCalibration {
  outcome: 'measured' | 'not_enough_history'
  trainedOn: Day
  until: Day
  isTrained: boolean
  questions: number
  paid: number
  tenths: Chance[]
  inside: Chance | null
  stated: string
  meanError: string | null
  meanBias: string | null
}

/** How payments since the training differ from those of the year before it. */
export interface PredictionDrift {
  outcome: 'stable' | 'shifted' | 'drifted' | 'not_enough_history'
  trainedOn: Day
  until: Day
  paymentsBefore: number
  paymentsSince: number
  medianBefore: number | null
  medianSince: number | null
  lateBefore: Chance | null
  lateSince: Chance | null
  /** The population stability index. */
  index: string | null
}

/** The open items as columns; amounts in minor units of their row's currency. */
export interface OpenItemColumns {
  company: string[]
  controlAccount: string[]
  customer: string[]
  currency: Currency[]
  document: string[]
  instalment: Uint32Array
  kind: DocumentKind[]
  /** Days since 1970-01-01. */
  documentDate: Int32Array
  dueDate: Optional<Int32Array>
  openMinor: BigInt64Array
  /** In minor units of the company's base currency. */
  baseOpenMinor: Optional<BigInt64Array>
  disputedMinor: BigInt64Array
  heldMinor: BigInt64Array
  pendingMinor: BigInt64Array
}

// ------------------------------------------------------------------------------------------------ aging

/** What an aging groups by; values as they hold on the view's day. */
export type AgingKey =
  | 'company' | 'control_account' | 'customer' | 'parent' | 'top_parent' | 'group' | 'kind' | 'document'
  | 'currency' | `dim_${string}`

/** How to age open items. The first word of each list is the default. */
export interface AgingPolicy {
  version?: 1
  id?: string
  /** Which date ages an item. */
  basis?: 'due_date' | 'document_date' | 'posting_date'
  /** What ages an item without due date. */
  missingDueDate?: 'document_date' | 'not_due'
  /** What the edges count. */
  unit?: 'days' | 'weeks' | 'months' | 'calendar_months'
  /** Rising whole numbers, 1 to 64 of them; n edges make n + 1 buckets. Those below 0 part what is not yet due. */
  edges: readonly number[]
  /** `up_to_inclusive`: day 30 is the last of 1–30. `from_inclusive`: day 30 is the first of 30–59. */
  edgeRule?: 'up_to_inclusive' | 'from_inclusive'
  /** Where items below zero go. */
  credits?: 'own_date' | 'on_invoice' | 'apart'
  disputed?: 'included' | 'apart'
  held?: 'included' | 'apart'
  /** In which currency the figures are. */
  currency?: 'document' | 'base' | 'revalued'
  /** Unions of buckets, from 0, both ends inclusive. */
  columns?: readonly { label: string; from: number; to: number }[]
  /** One per bucket; made from the edges when left out. */
  labels?: readonly string[]
}

/** A policy spelled out, as a document, or by the name of a profile; how to group, and what to let in. */
export type AgingOptions<By extends AgingKey = AgingKey> = {
  readonly by?: readonly By[]
  /** Key → values let in; an empty list filters nothing. */
  readonly where?: { readonly [Key in AgingKey]?: readonly string[] }
} & (AgingPolicy | { readonly policy: AgingPolicy | PolicyDocument | string } | { readonly profile: string })

type Camel<Name extends string> = Name extends `dim_${string}`
  ? Name
  : Name extends `${infer Head}_${infer Tail}`
    ? `${Head}${Capitalize<Camel<Tail>>}`
    : Name

/** Figures of an aging, in one currency. */
export interface AgingFigures {
  currency: Currency
  /** An amount per label; they add up to `total`. */
  buckets: Money[]
  /** An amount per column of the policy; none when it has none. */
  columns: Money[] | null
  total: Money
  disputed: Money
  held: Money
  /** Open payments and advances, below zero. */
  unapplied: Money
  /** Receipts known for later days, below zero. */
  pending: Money
  /** How many open items. */
  items: number
  /** `total` ÷ total of the currency, 4 digits; none when that is zero. */
  share: Ratio | null
  /** Days, weighted by what is open, 2 digits; none when `total` is zero. */
  averageAge: Ratio | null
}

/** One group of an aging: a value per key of `by`, and its figures. */
export type AgingRow<By extends AgingKey = AgingKey> = AgingFigures & { [Key in Exclude<By, 'currency'> as Camel<Key>]: string }

/** One open item of an aging, and the rule that put it into its bucket. */
export interface AgingItem {
  document: string
  instalment: number
  customer: string
  currency: Currency
  dueDate: Day | null
  /** The date that ages it; none when it is never late. */
  basisDate: Day | null
  /** Days from the basis date to the view's day. */
  age: number
  open: Money
  /** The label of its bucket. */
  bucket: string
  disputed: Money
  held: Money
  pending: Money
  /** What unapplied cash of the account would settle of it, oldest due first. */
  wouldSettle: Money
  rule:
    | 'aging.credits_apart' | 'aging.on_hold' | 'aging.disputed' | 'aging.no_due_date' | 'aging.not_due'
    | 'aging.past_edge'
  /** The highest edge it is past. */
  pastEdge: number | null
  /** The next edge, which it is not past. */
  nextEdge: number | null
}

/** What made a report: kept with its figures, it tells whether they can be had again. */
export interface MadeBy {
  /** The `id` of the policy; may be empty. */
  policy: string
  /** SHA-256 of the policy with its defaults, in hexadecimal; the same in every language. */
  policyHash: string
  /** The version of the engine. */
  engine: string
}

/** An aging. Its figures are made when they are asked for. */
export class Aging<By extends AgingKey = AgingKey> {
  private constructor()

  /** The policy and the engine that made it. */
  get madeBy(): MadeBy

  /** The labels of the buckets, special ones (`credits`, `disputed`, `on hold`) first. */
  get labels(): string[]
  /** The labels of the policy's columns; none when it has none. */
  get columnLabels(): string[] | null

  /** The groups, sorted by the values of `by`, then currency. */
  rows(): AgingRow<By>[]
  /** The totals, one per currency. */
  totals(): AgingFigures[]
  /** Every item, in the order of open items. */
  items(): AgingItem[]
  /** The items that a question is about, each with its rule and edges. */
  explain(question?: { customer?: string; document?: string; instalment?: number; bucket?: string }): AgingItem[]

  /** Columns with amounts in minor units. A sum past 64 bits is `too_large`: ask for rows then. */
  toColumns(what?: 'rows'): AgingColumns<By>
  toColumns(what: 'totals'): AgingColumns<never>
  toColumns(what: 'items'): AgingItemColumns
  /** The cells that hold something, straight from the engine's columns: the fastest way out, for pivots and charts. */
  toColumns(what: 'cells'): AgingCells<By>
  /** The groups by bucket alone, straight from the engine's columns. */
  toColumns(what: 'buckets'): AgingBuckets<By>
  /** An Arrow IPC stream; money is `decimal128`, days are `date32`; `cells` have minor units and dictionaries. */
  toArrow(what?: 'rows' | 'totals' | 'items' | 'cells'): Uint8Array
}

/** Texts that repeat: row `n` has `values[keys[n]]`. */
export interface Repeated<Text extends string = string> {
  keys: Uint32Array
  values: Text[]
}

/** A row for each group and bucket that holds something. */
export type AgingCells<By extends AgingKey = AgingKey> = {
  currency: Repeated<Currency>
  /** A place among the labels of the aging. */
  bucket: Uint32Array
  /** Minor units of the row's currency. */
  openMinor: BigInt64Array
  /** How many items; 0 where only disputed parts are. */
  items: Uint32Array
} & { [Key in Exclude<By, 'currency'> as Camel<Key>]: Repeated }

/** A row for each group, an array for each bucket. */
export type AgingBuckets<By extends AgingKey = AgingKey> = {
  currency: Repeated<Currency>
  /** By bucket, then row; minor units of the row's currency. */
  bucketsMinor: BigInt64Array[]
  items: Uint32Array
} & { [Key in Exclude<By, 'currency'> as Camel<Key>]: Repeated }

/** Groups, or totals, of an aging as columns; amounts in minor units of their row's currency. */
export type AgingColumns<By extends AgingKey = AgingKey> = {
  currency: Currency[]
  /** By bucket, then row. */
  bucketsMinor: BigInt64Array[]
  /** By column of the policy, then row; absent when it has none. */
  columnsMinor?: BigInt64Array[]
  totalMinor: BigInt64Array
  disputedMinor: BigInt64Array
  heldMinor: BigInt64Array
  unappliedMinor: BigInt64Array
  pendingMinor: BigInt64Array
  items: Uint32Array
  share: (Ratio | null)[]
  averageAge: (Ratio | null)[]
} & { [Key in Exclude<By, 'currency'> as Camel<Key>]: string[] }

/** Items of an aging as columns. */
export interface AgingItemColumns {
  document: string[]
  instalment: Uint32Array
  customer: string[]
  currency: Currency[]
  /** Days since 1970-01-01. */
  dueDate: Optional<Int32Array>
  basisDate: Optional<Int32Array>
  age: Int32Array
  openMinor: BigInt64Array
  bucket: string[]
  disputedMinor: BigInt64Array
  heldMinor: BigInt64Array
  pendingMinor: BigInt64Array
  wouldSettleMinor: BigInt64Array
  rule: AgingItem['rule'][]
}

// ------------------------------------------------------------------------------------------------ allocation

export type Strategy =
  | 'reference' | 'exact_amount' | 'oldest_due' | 'newest_due' | 'oldest_document' | 'newest_document'
  | 'largest_first' | 'user_order'

/** How to propose allocations. */
export interface AllocationPolicy {
  version?: 1
  id?: string
  /** Tried one after the other, each over all credits; `["reference", "exact_amount", "oldest_due"]` when left out. */
  strategies?: readonly Strategy[]
  creditOrder?: 'oldest_first' | 'newest_first'
  /** Kinds that pay; `["payment", "advance", "credit_note", "journal"]` when left out. */
  creditKinds?: readonly DocumentKind[]
  /** Whether a debit may be cleared in part. */
  partial?: 'allowed' | 'refused'
  /** Documents in the order of the strategy `user_order`. */
  userOrder?: readonly string[]
  filter?: AllocationFilter
}

/** What takes part; what is left out, or an empty list, lets everything in. */
export interface AllocationFilter {
  companies?: readonly string[]
  customers?: readonly string[]
  currencies?: readonly Currency[]
  /** Documents that pay. */
  credits?: readonly string[]
  /** Documents that are paid. */
  debits?: readonly string[]
  /** Open amounts, absolute, inclusive. */
  creditMin?: MoneyLike
  creditMax?: MoneyLike
  debitMin?: MoneyLike
  debitMax?: MoneyLike
  /** Debits due until that day, inclusive. */
  dueUntil?: Day
  disputed?: 'included' | 'excluded'
  held?: 'included' | 'excluded'
}

/** One proposed allocation, and why. All amounts are above zero. */
export interface ProposalLine {
  /** The document that pays. */
  credit: string
  /** The document that is paid. */
  debit: string
  /** Of the debit; 0 without a schedule. */
  instalment: number
  currency: Currency
  amount: Money
  /** The strategy that matched them. */
  strategy: Strategy
  /** What was left of the credit before. */
  creditLeft: Money
  /** What was left of the debit item before. */
  debitLeft: Money
}

/** What stays on account of a credit. */
export interface UnappliedCredit {
  credit: string
  currency: Currency
  /** Above zero. */
  amount: Money
  /** A proposal has the first two. */
  reason: 'no_open_debit' | 'no_match' | 'ambiguous' | 'not_searched_further' | 'discount_asked' | 'rate_missing' | 'edited'
}

/** Proposed allocations of the credits of a view. */
export class Proposal {
  private constructor()

  /** The policy and the engine that made it. */
  get madeBy(): MadeBy

  /** Account by account, as they were made. */
  lines(): ProposalLine[]
  /** What stays on account. */
  unapplied(): UnappliedCredit[]
  /** The part about one credit or one debit. */
  explain(question: { credit?: string; debit?: string }): { lines: ProposalLine[]; unapplied: UnappliedCredit[] }
  /** The allocations to append, with ids `<prefix>-1`, `<prefix>-2`, …, effective on the view's day. */
  facts(idPrefix: string): { allocations: ProposedAllocation[] }

  /** Columns with amounts in minor units. */
  toColumns(what?: 'lines'): ProposalColumns
  toColumns(what: 'unapplied'): UnappliedColumns
  /** An Arrow IPC stream. */
  toArrow(what?: 'lines' | 'unapplied'): Uint8Array
}

/** A row for the table `allocations`. */
export interface ProposedAllocation extends Allocation {
  amount: Money
  instalment: number | null
  effective: Day
}

/** The lines of a proposal as columns; amounts in minor units of their row's currency. */
export interface ProposalColumns {
  credit: string[]
  debit: string[]
  instalment: Uint32Array
  currency: Currency[]
  amountMinor: BigInt64Array
  strategy: Strategy[]
  creditLeftMinor: BigInt64Array
  debitLeftMinor: BigInt64Array
}

/** The unapplied credits of a proposal as columns. */
export interface UnappliedColumns {
  credit: string[]
  currency: Currency[]
  amountMinor: BigInt64Array
  reason: UnappliedCredit['reason'][]
}

// ------------------------------------------------------------------------------------------------ settlement

export type SettlementStrategy =
  | Strategy | 'near_amount' | 'whole_balance' | 'past_due_balance' | 'past_due_by_term' | 'subset' | 'many_to_one' | 'scored' | 'best_match'

/**
 * How to settle: as an allocation policy, and what closes an item beyond the money that came. The first word of each list
 * is the default; see docs/specification.md, section 7.
 */
export interface SettlementPolicy {
  version?: 1
  id?: string
  /** Tried one after the other, each over all credits; `["reference", "exact_amount", "oldest_due"]` when left out. */
  strategies?: readonly SettlementStrategy[]
  creditOrder?: 'oldest_first' | 'newest_first'
  /** Whether credit notes pay before or after the other credits. */
  creditNotes?: 'by_date' | 'first' | 'last'
  /** Kinds that pay; `["payment", "advance", "credit_note", "journal"]` when left out. */
  creditKinds?: readonly DocumentKind[]
  /** Kinds that come off the balance which `whole_balance` and `past_due…` compare a credit with, and pay there; none when left out. */
  balanceCredits?: readonly DocumentKind[]
  /** On which day something is past due for `past_due…`: `pay_day` is that on which the credit came. */
  pastDueOn?: 'view_day' | 'pay_day'
  /** What becomes of an item paid in part; `residual` closes it and makes a new document of the rest. */
  partial?: 'allowed' | 'refused' | 'residual'
  /** Documents in the order of the strategy `user_order`. */
  userOrder?: readonly string[]
  filter?: AllocationFilter
  /** What is settled together: one account, all of a customer, or all of the customers with one top parent. */
  scope?: 'account' | 'customer' | 'family'
  /** Whether a credit may pay items in another currency; needs a scope of several accounts. */
  crossCurrency?: 'refused' | 'allowed'
  /** `half_minor_unit`: an exchange difference smaller than the rate can tell is none. */
  exchangeGuard?: 'none' | 'half_minor_unit'
  /** Classes of debits, the first paid first. */
  priority?: readonly PriorityClass[]
  /** Discounts for early payment; none are taken without it. */
  discount?: DiscountPolicy | null
  /** Differences that are let go; none without it. */
  tolerance?: TolerancePolicy | null
  /** To which multiple a payment may be rounded. */
  cashRounding?: readonly { currency: Currency; place: MoneyLike; rounding?: Rounding }[]
  /** What makes a credit and a debit a match, and how sure it is: for `scored`. */
  matchRules?: readonly MatchRule[]
  search?: SearchPolicy
  reasons?: DifferenceReasons
}

/** The reasons that differences are booked with, by what they are; `under` and `over` are of tolerance and write-off. */
export interface DifferenceReasons {
  discount?: string
  under?: string
  over?: string
  bankCharge?: string
  cashRounding?: string
  residual?: string
}

/** A class of debits: kinds, or a dimension (without `dim_`) and its values, or both. */
export interface PriorityClass {
  kinds?: readonly DocumentKind[]
  dimension?: string
  values?: readonly string[]
}

/** Discounts for early payment. */
export interface DiscountPolicy {
  /** Whether a payment that pays in full has it too: `usable`; if not, `exact` gives it only where nothing is left of the payment. */
  when?: 'deducted' | 'exact' | 'usable'
  /** What becomes of one taken late, within the days of grace; `asked` is told as a question. */
  late?: 'refused' | 'asked' | 'accepted'
  /** 0 to 366, inclusive; 0 when left out. */
  graceDays?: number
  /** What a part payment does to it. */
  partPayments?: 'when_cleared' | 'untouched' | 'proportional'
  /** With `when_cleared`: whether all payments of the item have to be in time (when left out), or that alone which clears it. */
  inTime?: 'all' | 'closing'
  /** What a percentage is of, where the tier does not say. */
  of?: 'gross' | 'net'
  /** `split`: its tax is a difference of its own. */
  tax?: 'whole' | 'split'
  rounding?: Rounding
}

/** Differences that are let go. */
export interface TolerancePolicy {
  /** All that apply hold, so the lowest counts; nothing is let go where none does. */
  limits?: readonly ToleranceLimit[]
  /** What an amount or a percentage that is left out allows. */
  blank?: 'no_limit' | 'none'
  /** Whether each document has its limit, its instalments together, or each payment. */
  per?: 'document' | 'payment'
  kind?: 'tolerance' | 'write_off'
  /** The reason it is booked with, where `reasons` has none. */
  reason?: string
  /** Who settles: limits of other clerks do not apply. */
  clerk?: string
  /** `discount`: it is taken into the discount of the item, where there is one. */
  first?: 'tolerance' | 'discount'
  /** What a difference within tolerance, or a bank charge, in foreign currency is worth. */
  valued?: 'document' | 'day_rate'
  /** How much of a shortage may be charges of a bank. */
  bankCharges?: readonly { currency: Currency; amount: MoneyLike }[]
  /** In which strategies it holds; in all when left out. */
  strategies?: readonly SettlementStrategy[]
}

/** A limit of what is let go: the lower of `amount` and `percent`. What is left out lets everything in. */
export interface ToleranceLimit {
  /** For payments that pay less, or more. */
  side?: 'both' | 'under' | 'over'
  companies?: readonly string[]
  customers?: readonly string[]
  clerk?: string
  /** Needed with `amount`. */
  currency?: Currency
  amount?: MoneyLike
  /** `base`: the amount is in the company's base currency, whatever the payment's; `credit` when left out. */
  amountIn?: 'credit' | 'base'
  /** 0 to 100. */
  percent?: string | number
}

/**
 * What makes a credit and a debit a match, and how sure it is; what is left out may be anything. The score is
 * (confidence + 1) × 1000 − priority, where `none` is 0 and `high` 3.
 */
export interface MatchRule {
  /** Whose debit it is: the credit's own customer's, or another one's of the family. */
  party?: 'customer' | 'other'
  /** Whether the credit names it, and others. */
  document?: 'several' | 'named' | 'not_named'
  /** Whether the credit pays just it, within what is let go, and of that customer others too. */
  amount?: 'one' | 'several' | 'none'
  confidence: 'none' | 'low' | 'medium' | 'high'
  /** 0 to 999, the lowest first. */
  priority: number
}

/** How far sets of items are searched. */
export interface SearchPolicy {
  /** The most items of a set: 1 to 12; 6 when left out. */
  items?: number
  /** The most sets looked at: 1 to 100,000,000; 1,000,000 when left out. */
  work?: number
  /** What to do when several sets have the amount. */
  ambiguous?: 'refused' | 'first'
}

/** One line: what a credit pays of a debit, and why. Amounts are above zero. */
export interface SettlementLine {
  /** The document that pays. */
  credit: string
  /** The document that is paid. */
  debit: string
  /** Of the debit; 0 without a schedule. */
  instalment: number
  /** The credit's. */
  currency: Currency
  /** What is taken from the credit. */
  amount: Money
  debitCurrency: Currency
  /** What it pays of the debit. */
  debitAmount: Money
  /** The strategy that matched them. */
  strategy: SettlementStrategy
  /** How sure the match is, of `scored`: 1 to 4000, 3001 and above is high; 0 of other strategies. */
  score: number
  /** What was left of the credit before. */
  creditLeft: Money
  /** What was left of the debit item before. */
  debitLeft: Money
  /** What the amount is worth in base currency; none without base amounts. */
  baseCredit: Money | null
  /** What it takes off the debit in base currency. */
  baseDebit: Money | null
  /** `baseCredit` − `baseDebit`: a gain above zero. */
  exchange: Money | null
}

/** What closes a part of a document beyond the money. */
export interface LineDifference {
  document: string
  /** 0 without a schedule, or on a credit. */
  instalment: number
  currency: Currency
  kind: Exclude<DifferenceKind, 'other'>
  /** Above zero. */
  amount: Money
  /** The line that it stands beside, counted from 0 among all lines. */
  line: number
  /** That of the policy; empty but for tolerances and write-offs. */
  reason: string
  /** The rule that let it go. */
  rule:
    | 'discount.in_time' | 'discount.late' | 'tolerance.under' | 'tolerance.over' | 'tolerance.bank_charge'
    | 'tolerance.cash_rounding' | 'residual'
  /** What was allowed at most, in the credit's currency. */
  limit: Money | null
  /** The last day of the discount. */
  until: Day | null
  /** What it is worth in base currency, where the policy values it at the rate of the day. */
  baseAmount: Money | null
  /** What it takes off the document in base currency, then. */
  baseDocument: Money | null
  /** The exchange difference between the two: a gain above zero. */
  exchange: Money | null
}

/** What somebody has to decide. */
export interface Question {
  kind: 'late_discount' | 'ambiguous'
  /** The credit; empty where it is about none. */
  credit: string
  /** The debit; empty where it is about none. */
  document: string
  instalment: number
  /** How much more a late discount would be worth. */
  amount: Money | null
  /** Sets that have the amount, as `document` or `document/instalment`; at most 20. */
  choices: string[][]
  /** How many sets there are. */
  total: number
}

/**
 * That nothing was lost, in one currency: `received` = `applied` + `closed` + `unapplied`, and `claims` = `paid` + each kind
 * of difference + `open`.
 */
export interface ProofRow {
  currency: Currency
  /** What the credits had. */
  received: Money
  /** What lines take from them. */
  applied: Money
  /** Differences on credits. */
  closed: Money
  /** What stays on account. */
  unapplied: Money
  /** What the debits had. */
  claims: Money
  /** What lines pay of them. */
  paid: Money
  discount: Money
  discountTax: Money
  tolerance: Money
  writeOff: Money
  bankCharge: Money
  cashRounding: Money
  residual: Money
  /** What stays open. */
  open: Money
  /** Of what the credits had, what is taken up, in per cent with two digits; `null` where they had nothing. Of a settlement as it was
   * proposed, before anybody changed it, the auto-match rate. */
  matchedShare: string | null
}

/** What the open credits of a view settle. Nothing is posted until its facts are appended. */
export class Settlement {
  private constructor()

  /** The policy and the engine that made it. */
  get madeBy(): MadeBy

  /** In the order in which they were made. */
  lines(): SettlementLine[]
  /** In the order of their lines, discounts first. */
  differences(): LineDifference[]
  /** What stays on account. */
  unapplied(): UnappliedCredit[]
  /** What somebody has to decide: late discounts, and amounts that several sets of items have. */
  questions(): Question[]
  /** That nothing was lost, by currency. */
  proof(): ProofRow[]
  /** Exchange differences by base currency: gains less losses. */
  exchange(): { currency: Currency; amount: Money }[]
  /** The part about one credit or one debit; all of it without a question. */
  explain(question?: { credit?: string; debit?: string }): {
    lines: SettlementLine[]
    differences: LineDifference[]
    unapplied: UnappliedCredit[]
  }
  /**
   * The settlement without some lines, by their numbers from 0, and without the differences beside them. What they paid
   * stays on account.
   * @throws {ReceivablesError} `unknown_value`
   */
  without(lines: readonly number[]): Settlement
  /**
   * The settlement with changes, each proved like a fresh proposal. What a credit has more than before stays on account, with the
   * reason `edited`.
   * @throws {ReceivablesError} `edit_invalid`, `unknown_value`, `over_allocation`, `too_many_digits`, `too_large`
   */
  edit(edits: readonly SettlementEdit[]): Settlement
  /**
   * The rows to append, effective on the view's day: allocations `<prefix>-1`, `<prefix>-2`, …, beside the n-th the
   * differences `<prefix>-<n>-d1`, …, and for a residual the document `<prefix>-<n>-r`.
   */
  facts(idPrefix: string): SettlementFacts

  /** Columns with amounts in minor units. */
  toColumns(what?: 'lines'): SettlementColumns
  toColumns(what: 'differences'): LineDifferenceColumns
  toColumns(what: 'unapplied'): UnappliedColumns
  /** An Arrow IPC stream; money is `decimal128`, days are `date32`. */
  toArrow(what?: 'lines' | 'differences' | 'unapplied' | 'questions' | 'proof' | 'exchange'): Uint8Array
}

/** A change of a settlement: of a line by its number from 0, or of the discounts of a document, which settles everything anew. */
export interface SettlementEdit {
  line?: number
  document?: string
  /** Of a document; all of them when left out. */
  instalment?: number
  /** What the line takes from its credit. */
  amount?: MoneyLike
  /** Leaves the line out. */
  drop?: boolean
  discount?: 'accepted' | 'refused'
  /** That of what stands beside the line; empty for none. */
  reason?: string
}

/** The rows that post a settlement. */
export interface SettlementFacts {
  allocations: (ProposedAllocation & { debitAmount: Money | null; baseCredit: Money | null; baseDebit: Money | null })[]
  differences: (SettlementDifference & { amount: Money; allocation: string; effective: Day })[]
  /** What became of residuals. */
  documents: (Document & { amount: Money })[]
}

/** The rows that take a settlement back. */
export interface Undoing {
  reversals: Reversal[]
  cancellations: Cancellation[]
}

/** The lines of a settlement as columns; amounts in minor units of their currency. */
export interface SettlementColumns {
  credit: string[]
  debit: string[]
  instalment: Uint32Array
  currency: Currency[]
  amountMinor: BigInt64Array
  debitCurrency: Currency[]
  debitAmountMinor: BigInt64Array
  strategy: SettlementStrategy[]
  score: Uint32Array
  creditLeftMinor: BigInt64Array
  debitLeftMinor: BigInt64Array
  baseCreditMinor: Optional<BigInt64Array>
  baseDebitMinor: Optional<BigInt64Array>
  exchangeMinor: Optional<BigInt64Array>
}

/** The differences of a settlement as columns. */
export interface LineDifferenceColumns {
  document: string[]
  instalment: Uint32Array
  currency: Currency[]
  kind: LineDifference['kind'][]
  amountMinor: BigInt64Array
  line: Uint32Array
  reason: string[]
  rule: LineDifference['rule'][]
  /** In minor units of the credit's currency. */
  limitMinor: Optional<BigInt64Array>
  /** Days since 1970-01-01. */
  until: Optional<Int32Array>
  baseAmountMinor: Optional<BigInt64Array>
  baseDocumentMinor: Optional<BigInt64Array>
  exchangeMinor: Optional<BigInt64Array>
}

/** An open item in foreign currency, and what it is worth. Amounts have the document's sign. */
export interface RevaluedItem {
  document: string
  /** 0 without a schedule. */
  instalment: number
  customer: string
  currency: Currency
  open: Money
  baseCurrency: Currency
  /** What is open by the base amounts of the ledger. */
  baseOpen: Money
  /** The latest rate that counts, as decimal text. */
  rate: string
  /** What is open at that rate. */
  revalued: Money
  /** `revalued` − `baseOpen`: a gain above zero. */
  difference: Money
}

/** The unrealised exchange difference of a day: an entry of the general ledger, taken back on the next. */
export interface Revaluation {
  on: Day
  reversedOn: Day | null
  /** In the order of open items. */
  items: RevaluedItem[]
  totals: { currency: Currency; baseOpen: Money; revalued: Money; difference: Money }[]
}

// ---------------------------------------------------------------------------------------------- pictures

/** What is drawn, and how; see the page on pictures. */
export interface PicturePolicy {
  version?: 1
  id?: string
  /** What is drawn; by default `aging_over_time`. */
  picture?: 'aging_over_time' | 'concentration' | 'exposure' | 'dso' | 'roll_rates' | 'days_to_pay'
  /** The one currency that is drawn; by default a panel for each. */
  currency?: string | null
  /** Over time: how many points, 1 to 200, the view's day the last of them; by default 13. */
  months?: number
  /** Over time: with all that the view knows, or with what was known on each day. */
  known?: 'now' | 'then'
  /** Of customers: how many, 1 to 200, the largest first; by default 20. */
  top?: number
  aging?: AgingPolicy | PolicyDocument
  credit?: CreditPolicy | PolicyDocument
  per?: 'customer' | 'family'
  /** The conventions of days sales outstanding. */
  kpi?: PolicyDocument
}

/** A Vega-Lite specification. */
export interface Picture {
  $schema: string
  title: { text: string; subtitle: string }
  data: { values: Record<string, string | number | null>[]; format: object }
  usermeta: { made_by: { policy: string; policy_hash: string; engine: string } }
  [part: string]: unknown
}

// ------------------------------------------------------------------------------------------------ credit

/** A credit policy: spelled out, as a document, by name, or as JSON text. */
export type CreditPolicyChoice = CreditPolicy | PolicyDocument | { profile: string } | string

/** A part of an exposure that may count. */
export type ExposurePart =
  | 'open_items'
  | 'credit_notes'
  | 'unapplied'
  | 'prepayments'
  | 'deliveries'
  | 'orders'
  | 'drafts'
  | 'document'
  | 'guarantees'
  | 'insurance'

/** What is asked before an order ships. */
export type CreditCheckKind =
  | 'limit'
  | 'family_limit'
  | 'part'
  | 'document_value'
  | 'overdue_share'
  | 'oldest_open'
  | 'dunning_level'
  | 'overdue_amount'
  | 'review_date'
  | 'critical_fields'
  | 'score'
  | 'blocked'

/** A check; each kind has the fields that the specification names. */
export interface CreditCheckRule {
  check: CreditCheckKind
  /** What follows when it fails. */
  reaction?: 'block' | 'warn' | 'pass'
  /** Orders expected later than in so many days do not count. */
  horizonDays?: number
  /** Whether a figure equal to the limit passes. */
  edge?: 'up_to' | 'below'
  /** What a line of 0 means. */
  zero?: 'nothing' | 'unlimited' | 'inherits'
  /** What follows when there is no line, date or score. */
  missing?: 'passes' | 'fails'
  part?: 'open_items' | 'overdue' | 'deliveries' | 'orders' | 'drafts'
  days?: number
  percent?: string | number
  maximum?: readonly { currency: Currency; amount: string | number }[]
  level?: number
  bufferDays?: number
  fields?: readonly string[]
  withinDays?: number
  minimum?: string | number
  blocks?: readonly string[]
  /** Whether credits that are due are taken off what is overdue, the oldest first. */
  credits?: 'apart' | 'netted'
}

/** How credit is checked; the first word of each list is the default. See the specification, section 12. */
export interface CreditPolicy {
  version?: 1
  id?: string
  /** The parts that count; all but `drafts` when left out. */
  parts?: readonly ExposurePart[]
  currencies?: 'converted' | 'apart'
  companies?: 'together' | 'apart'
  amounts?: 'gross' | 'net'
  reductions?: 'checked' | 'pass'
  /** `limit` and `family_limit` when left out. */
  checks?: readonly CreditCheckRule[]
  /** Who may let through what is blocked. */
  release?: readonly {
    role: string
    checks?: readonly CreditCheckKind[]
    upTo?: readonly { currency: Currency; amount: string | number }[]
  }[]
  releaseDays?: number | null
  releasePercent?: string | number
  /** Which checks a release passes over: those that had not passed when it was given, or all. */
  releaseCovers?: 'what_failed' | 'anything'
  /** What is told when it becomes true. */
  alerts?: readonly {
    id: string
    when: 'score_below' | 'limit_used' | 'overdue' | 'dispute_opened' | 'promise_broken' | 'concentration'
    minimum?: string | number
    percent?: string | number
    days?: number
    per?: 'customer' | 'family' | null
    company?: string | null
  }[]
  /** How a limit is proposed. */
  proposal?: LimitProposalPolicy | null
}

/** How a limit is proposed: so many days of sales, less for a low score, for paying late and for being new. */
export interface LimitProposalPolicy {
  volumeDays?: number
  historyDays?: number
  score?: readonly { from: string | number; percent: string | number }[]
  late?: readonly { from: string | number; percent: string | number }[]
  newPercent?: string | number
  /** The values of `blocked` with which nothing is proposed; any when left out. */
  blocks?: readonly string[]
  step?: readonly { currency: Currency; amount: string | number }[]
  minimum?: readonly { currency: Currency; amount: string | number }[]
  maximum?: readonly { currency: Currency; amount: string | number }[]
}

/** A limit with its reasons. */
export interface LimitProposal {
  customer: string | null
  currency: Currency
  limit: Money
  reasons: { step: string; figure: string | null; percent: string | null; amount: Money }[]
}

/** Something that became true: `key` tells this crossing from every other. */
export interface CreditAlert {
  rule: string
  when: 'score_below' | 'limit_used' | 'overdue' | 'dispute_opened' | 'promise_broken' | 'concentration'
  key: string
  customer: string
  document: string
  day: Day
  figure: string | null
  limit: string | null
}

/** What became true between two views, and the facts to append so that it is never told again. */
export interface CreditAlerts {
  alerts: CreditAlert[]
  facts: { notices: Notice[] }
}

/** A rate for each bucket, for a pool or for all. Rates are exact: `0.016`, `1/64`. */
export interface LossMatrix {
  /** A value for each of the policy's `pools`; any pool when left out. */
  pool?: readonly string[] | null
  currency?: Currency | null
  rates: readonly (string | number)[]
  /** What looks forward: a rate becomes rate × factor + points; one for all buckets, or one a bucket. */
  overlay?: {
    factors?: readonly (string | number)[]
    points?: readonly (string | number)[]
    aboveOne?: 'capped' | 'kept'
    reason: string
  } | null
}

/** How losses are provided for; the first word of each list is the default. See the specification, section 13. */
export interface ProvisionPolicy {
  version?: 1
  id?: string
  aging: AgingPolicy
  where?: Readonly<Record<string, readonly string[]>>
  /** The keys whose values share a risk. */
  pools?: readonly string[]
  matrices: readonly LossMatrix[]
  credits?: 'excluded' | 'in_bucket' | 'against_oldest'
  disputed?: 'in_bucket' | 'excluded' | 'own_rate'
  /** With `own_rate`. */
  disputedRate?: string | number | null
  /** What is judged by itself: a customer or a document, with a rate or an amount. */
  specific?: readonly {
    customer?: string | null
    document?: string | null
    currency?: Currency | null
    rate?: string | number | null
    amount?: string | number | null
    reason: string
  }[]
  rounding?: Rounding
  journal?: { expense?: string; allowance?: string; release?: string | null }
}

/** How loss rates are found; the first word of each list is the default. See the specification, section 13. */
export interface LossRatePolicy {
  version?: 1
  id?: string
  aging: AgingPolicy
  where?: Readonly<Record<string, readonly string[]>>
  pools?: readonly string[]
  method?: 'cohort' | 'roll_rates'
  /** The first document date of the cohort, or the first day looked at. */
  from: Day
  /** The last document date of the cohort. */
  to?: Day | null
  step?: 'month_ends' | 'days'
  /** With the step `days`. */
  stepDays?: number | null
  lossKinds?: readonly string[]
  stillOpen?: 'lost' | 'not_lost'
  /** The rate of the last bucket, with roll rates. */
  lastRate?: string | number
  minimumItems?: number
  digits?: number | null
  rounding?: Rounding
}

/** The rate of a bucket, exact as text, or the outcome that says why there is none. */
export interface LossRate {
  pool: string[]
  currency: Currency
  bucket: string
  items: number
  reached: Money
  lost: Money
  rolled: Money
  rate: string | null
  outcome: 'derived' | 'given' | 'nothing_reached' | 'too_few_items' | 'not_enough_history'
}

/** Loss rates with what they were found from; `moves` is the roll-rate matrix, `matrices` what a provision takes. */
export interface LossRates {
  method: 'cohort' | 'roll_rates'
  outcome: 'derived' | 'not_enough_history'
  days: Day[]
  labels: string[]
  rows: LossRate[]
  moves: { pool: string[]; currency: Currency; from: string; to: string; amount: Money }[]
  matrices: { pool: string[]; currency: Currency; rates: string[] }[]
  madeBy: MadeBy
}

/** What was owed and provided for, and what became of it; a `difference` below zero: too little was provided for. */
export interface BackTestRow {
  pool: string[]
  customer: string | null
  document: string | null
  currency: Currency
  bucket: string
  owed: Money
  provided: Money
  settled: Money
  writtenOff: Money
  stillOpen: Money
  lost: Money
  expectedRate: string | null
  actualRate: string | null
  difference: Money
}

/** What was provided for `then` beside what was lost `until`. */
export interface BackTest {
  then: Day
  until: Day
  rows: BackTestRow[]
  totals: BackTestRow[]
  madeBy: MadeBy
}

/** A bucket of a pool: `base` at the rate `applied`. */
export interface ProvisionRow {
  pool: string[]
  currency: Currency
  bucket: string
  items: number
  open: Money
  credits: Money
  disputed: Money
  taken: Money
  base: Money
  rate: string
  applied: string
  provision: Money
}

/** A pool: the sum of its rows. */
export interface ProvisionPool {
  pool: string[]
  currency: Currency
  items: number
  open: Money
  base: Money
  provision: Money
  /** Rounded at the end instead of bucket by bucket. */
  roundedOnce: Money | null
  coverage: string | null
}

/** What is judged by itself. */
export interface SpecificRow {
  customer: string | null
  document: string | null
  currency: Currency
  items: number
  open: Money
  base: Money
  rate: string | null
  provision: Money
  rule: 'provision.specific_rate' | 'provision.specific_amount' | 'provision.specific_capped'
  reason: string
}

/** All of a currency: `movement` is what is booked. */
export interface ProvisionTotal {
  currency: Currency
  items: number
  open: Money
  specificOpen: Money
  base: Money
  pooled: Money
  specific: Money
  provision: Money
  before: Money
  movement: Money
  coverage: string | null
}

/** A line to book: one of `debit` and `credit` is zero. */
export interface JournalLine {
  currency: Currency
  account: string
  debit: Money
  credit: Money
}

/** An open item, what of it is provided for, at which rate, by which rule. */
export interface ProvisionItem {
  document: string
  instalment: number
  customer: string
  currency: Currency
  pool: string[]
  bucket: string
  age: number
  open: Money
  disputed: Money
  taken: Money
  base: Money
  rule: 'provision.matrix' | 'provision.specific' | 'provision.credit'
  rate: string | null
  factor: string | null
  points: string | null
  applied: string | null
  reason: string | null
}

/** What is provided for, and what is booked. */
export class Provision {
  private constructor()
  readonly labels: string[]
  readonly rows: ProvisionRow[]
  readonly pools: ProvisionPool[]
  readonly specific: SpecificRow[]
  readonly totals: ProvisionTotal[]
  readonly journal: JournalLine[]
  readonly madeBy: MadeBy
  /** The items asked for; those of a pool's bucket add up to its row. */
  explain(question?: { customer?: string; document?: string; currency?: Currency; pool?: readonly string[]; bucket?: string }): ProvisionItem[]
}

/** What is asked beside customer, amount and currency. */
export interface CreditRequestOptions {
  /** That of the commitment in whose place it stands, else `order`, when left out. */
  kind?: 'order' | 'draft' | 'delivery' | 'invoice'
  company?: string
  /** Its id: it stands in the place of the commitment of that id, and a release may name it. What is not told of it is as it was posted. */
  order?: string
  /** The id of the commitment that it follows and lowers; when absent, what that commitment follows. */
  follows?: string
  expectedDate?: Day
  /** The amount without tax. */
  net?: MoneyLike
  terms?: string
}

/** Whether a document may go, and how much more could. */
export interface CreditDecision {
  decision: 'pass' | 'warn' | 'block' | 'released'
  /** How much could be asked for; null without a limit. */
  headroom: Money | null
  /** The release that lets it through. */
  release: string | null
}

/** A part of an exposure. */
export interface ExposureAmount {
  part: ExposurePart | 'later'
  amount: Money
  counts: boolean
}

/** A check with its operands: `figure` was compared with `limit`, both as text. */
export interface CheckOutcome {
  check: CreditCheckKind
  part: string
  /** The credit line; empty where there is none. */
  line: string
  customer: string
  /** null: in all companies. */
  company: string | null
  currency: Currency
  figure: string | null
  limit: string | null
  headroom: Money | null
  passed: boolean
  reaction: 'block' | 'warn' | 'pass'
  parts: ExposureAmount[]
}

/** Something that is no longer as it was. */
export interface CreditChange {
  what: string
  before: string
  now: string
}

/** A decision with its reasons. */
export interface CreditCheck extends CreditDecision {
  customer: string
  company: string
  kind: 'order' | 'draft' | 'delivery' | 'invoice'
  currency: Currency
  amount: Money
  order: string | null
  /** The roles that may release it, when it is blocked. */
  mayRelease: string[]
  checks: CheckOutcome[]
  /** What differs from when the order, or the customer, was last released. */
  changed: CreditChange[]
}

/**
 * Answers about one customer at a time from the ledger's index: a check costs the same in a large ledger as in a small one. It is
 * about one ledger on one day; after an append make a new one, which costs next to nothing.
 */
export class CreditDesk {
  private constructor()

  get day(): Day
  get madeBy(): MadeBy
  /**
   * Whether a document may go, and how much more could.
   * @throws {ReceivablesError} `unknown_value`, `unknown_currency`, `too_many_digits`, `too_large`, `rate_missing`
   */
  check(customer: string, amount: MoneyLike, currency: Currency, more?: CreditRequestOptions): CreditDecision
  /** How much credit a customer should have, known or new, with the reasons. */
  proposeLimit(question: {
    currency: Currency
    customer?: string
    monthlyVolume?: MoneyLike
    score?: string
  }): LimitProposal
  /** The same with every check, who may release it and what changed since the last release. */
  explain(customer: string, amount: MoneyLike, currency: Currency, more?: CreditRequestOptions): CreditCheck
}

/** The exposure of a customer, or of a family under its top parent, in `currency`. */
export interface ExposureRow {
  customer: string
  currency: Currency
  openItems: Money
  creditNotes: Money
  unapplied: Money
  prepayments: Money
  deliveries: Money
  orders: Money
  drafts: Money
  guarantees: Money
  insurance: Money
  /** The sum of the parts that count. */
  exposure: Money
  limit: Money | null
  headroom: Money | null
  /** How much of the limit is used, in per cent. */
  used: string | null
}

/** The sums of a currency over so many rows. */
export type ExposureTotal = Omit<ExposureRow, 'customer' | 'limit' | 'headroom' | 'used'> & { customers: number }

/** What all customers are exposed to. */
export class Exposure {
  private constructor()

  get madeBy(): MadeBy
  /** By customer, then currency. */
  rows(): ExposureRow[]
  totals(): ExposureTotal[]
  /** As an Arrow IPC stream; money is `decimal128`. */
  toArrow(what?: 'rows' | 'totals'): Uint8Array
}

// ------------------------------------------------------------------------------------------------ key figures

/** A key figure by its id; `kpiRegistry()` says what each means. */
export type KpiId =
  | 'dso_simple' | 'dso_countback' | 'dso_best_possible' | 'dso_true' | 'dso_rolling' | 'average_days_delinquent'
  | 'days_credit_granted' | 'payment_terms_days' | 'extended_dso' | 'cei' | 'cei_monthly_average' | 'ar_turnover' | 'days_to_pay'
  | 'days_to_pay_weighted' | 'days_late' | 'days_late_weighted' | 'percent_current' | 'percent_past_due' | 'at_risk_cash'
  | 'bad_debt_ratio' | 'unapplied_share' | 'concentration_top' | 'concentration_herfindahl' | 'promise_kept_rate'
  | 'promise_partly_kept_rate' | 'promise_kept_share' | 'dispute_cycle_days' | 'days_deductions_outstanding' | 'discount_taken'
  | 'discount_earned_share' | 'auto_match_rate'

/** Why a key figure has no value. */
export type NoValue =
  | 'no_sales' | 'no_receivables' | 'negative_receivables' | 'truncated_no_sales' | 'truncated_history' | 'nothing_to_collect'
  | 'nothing_invoiced' | 'nothing_cleared' | 'no_promises' | 'no_disputes' | 'no_discounts' | 'not_in_ledger'

/** A rating of payers, and what it takes: each condition holds, both thresholds inclusive. */
export interface RatingRule {
  rating: string
  conditions?: readonly { readonly kpi: KpiId; readonly atLeast?: MoneyLike; readonly atMost?: MoneyLike }[]
}

/**
 * Which key figures, over which window, by which conventions. The first word of each list is the default; see
 * docs/specification.md, section 13.
 */
export interface KpiPolicy {
  version?: 1
  id?: string
  /** Each once; all of them when left out. */
  kpis?: readonly KpiId[]
  /** Months of the window, 3 when left out. */
  months?: number
  /** Months that countback looks back, 24. */
  historyMonths?: number
  /** For how many ends of months, 1. */
  seriesMonths?: number
  days?: 'calendar' | 'thirty'
  currency?: 'document' | 'base'
  sales?: 'gross' | 'net'
  creditNotes?: 'lower' | 'left_out'
  unapplied?: 'included' | 'left_out'
  disputed?: 'included' | 'left_out'
  early?: 'negative' | 'zero' | 'left_out'
  /** 90. */
  atRiskDays?: number
  /** 5. */
  top?: number
  /** Days after the promised one, 0. */
  toleranceDays?: number
  /** 2. */
  digits?: number
  rounding?:
    | 'half_away_from_zero' | 'half_toward_zero' | 'half_even' | 'half_ceiling' | 'half_floor' | 'up' | 'down' | 'ceiling' | 'floor'
  /** The best first. */
  ratings?: readonly RatingRule[]
}

/** A policy of key figures, by name, as a document or spelled out; how to group and filter. */
export type KpiOptions = {
  readonly by?: readonly AgingKey[]
  /** Key → values let in; an empty list filters nothing. */
  readonly where?: { readonly [Key in AgingKey]?: readonly string[] }
} & (KpiPolicy | { readonly policy: KpiPolicy | PolicyDocument | string } | { readonly profile: string })

/** What a key figure means. */
export interface KpiDefinition {
  id: KpiId
  formula: string
  window: string
  convention: string
  unit: 'days' | 'percent' | 'times' | 'money' | 'points'
  /** Values add up over groups, or numerators and denominators do, or neither. */
  additive: 'value' | 'ratio' | 'no'
  source: string
}

/** Every key figure with its formula, window, convention, unit and source. */
export function kpiRegistry(): KpiDefinition[]

/** A key figure: exactly `numerator / denominator` (whole numbers), `value` rounded once; or, in `undefined`, why there is none. */
export interface KpiValue {
  kpi: KpiId
  value: string | null
  numerator: string | null
  denominator: string | null
  undefined: NoValue | null
}

/** A condition of a rating that was looked at. */
export interface RatingCheck {
  rating: string
  kpi: KpiId
  value: string | null
  atLeast: string | null
  atMost: string | null
  passed: boolean
}

/** The key figures of a group over the window from `from` to `to`. */
export interface KpiRow {
  /** A value for each key of the report's `by`. */
  by: string[]
  currency: Currency
  from: Day
  to: Day
  /** In the order of the policy. */
  values: KpiValue[]
  rating: string | null
  checks: RatingCheck[]
}

/** The key figures of a view. */
export class Kpis {
  private constructor()

  get madeBy(): MadeBy
  /** The keys of the groups, without the currency. */
  get by(): AgingKey[]
  /** By end of month, then keys, then currency. */
  rows(): KpiRow[]
  /** All groups together, by end of month, then currency; made from the facts again. */
  totals(): KpiRow[]
  /** As an Arrow IPC stream: a `decimal128` column for each figure, null without a value; of `values` a row for each figure. */
  toArrow(what?: 'rows' | 'totals' | 'values'): Uint8Array
}

/** What changed days sales outstanding: of a group its part in it. Exactly, each part is its numerator over `denominator`. */
export interface DsoChangeRow {
  by: string[]
  currency: Currency
  before: string | null
  now: string | null
  change: string | null
  /** Selling more or less, and to others. */
  mix: string | null
  /** What is not yet due. */
  terms: string | null
  /** What is overdue. */
  delay: string | null
  mixNumerator: string | null
  termsNumerator: string | null
  delayNumerator: string | null
  denominator: string | null
}

/** Why days sales outstanding changed; of a total `mix`, `terms` and `delay` add up to `change` as shown. */
export interface DsoChange {
  rows: DsoChangeRow[]
  totals: DsoChangeRow[]
  madeBy: MadeBy
}

// ------------------------------------------------------------------------------------------------ interest

/** A rate, and the day from which it holds. */
export interface DatedRate {
  from: Day
  /** Per cent, as text with at most 6 digits after the point. */
  percent: MoneyLike
}

/**
 * Interest and compensation for late payment, at `rates` or at a `reference`. The first word of each list is the default; see
 * docs/specification.md, section 8.
 */
export interface InterestPolicy {
  version?: 1
  id?: string
  /** Where its figures are from. */
  source?: string
  /** When they were last compared with it. */
  checked?: Day | null
  rates?: readonly DatedRate[]
  /** Published rates and the margin on them; which day decides, and from when to when a rate counts. */
  reference?: {
    rates?: readonly DatedRate[]
    margin: MoneyLike
    rule?: 'floating' | 'locked' | 'at_payment'
    periods?: 'as_listed' | 'half_year' | 'half_year_before'
  } | null
  /** A day for which there must be a rate. */
  firstDay?: Day | null
  /** What a rate is for. */
  per?: 'year' | { days: number }
  dayCount?: DayCount
  compounding?: 'none' | 'monthly'
  basis?: 'daily_balance' | 'outstanding' | 'balance_due'
  /** From which day on the balance is lower by what was matched: that of the credit, or that of the match. */
  paidFrom?: 'credit' | 'match'
  rounded?: 'once' | 'per_segment' | 'per_day'
  rounding?: Rounding
  graceDays?: number
  /** Whether days of grace cost something once they have passed. */
  grace?: 'threshold' | 'free'
  longestDays?: number | null
  minimum?: readonly { currency: Currency; amount: MoneyLike }[]
  minimumPer?: 'item' | 'account'
  /** Codes of currencies of one's own, beside those of ISO 4217. */
  currencies?: readonly string[]
  /** Kinds that bear interest; `["invoice", "debit_note"]` when left out. */
  kinds?: readonly DocumentKind[]
  /** Whether items that were paid late bear interest. */
  closed?: 'excluded' | 'included'
  /** Whether the disputed part of an item does. */
  disputed?: 'included' | 'excluded'
  /** Whether an item is late before what its document requires is there. */
  requirements?: 'respected' | 'ignored'
  compensation?: {
    tiers: readonly { currency: Currency; from?: MoneyLike; amount: MoneyLike }[]
    per?: 'invoice' | 'claim'
  } | null
}

/** What is asked about interest beside the day. */
export interface InterestQuestion {
  /** What is charged already, until the last day included; all instalments of a document when none is named. */
  charged?: readonly { document: string; instalment?: number | null; until: Day }[]
  /** Documents whose fixed sum is charged already. */
  compensated?: readonly string[]
  customers?: readonly string[]
  documents?: readonly string[]
}

/** Days with one balance and one rate, `from` and `until` included. */
export interface InterestSegment {
  from: Day
  until: Day
  /** As the day count has it. */
  days: number
  balance: Money
  /** Earlier interest that earns interest. */
  compounded: Money
  /** Per year or period, as decimal text. */
  percent: string
  /** The part of that year or period, such as `31/365`. */
  part: string
  interest: Money
}

/** What an overdue item bears. */
export interface InterestItem {
  document: string
  /** 0 without a schedule. */
  instalment: number
  customer: string
  currency: Currency
  dueDate: Day
  /** Days past due. */
  days: number
  open: Money
  from: Day | null
  until: Day | null
  accrued: Money
  /** `accrued`, or nothing when that is below the minimum. */
  interest: Money
  compensation: Money
  /** The rule, such as `interest.accrued`. */
  rule: string
  /** Empty unless they were asked for. */
  segments: InterestSegment[]
}

/** What the overdue items of a view bear. */
export interface InterestReport {
  on: Day
  /** In the order of open items. */
  items: InterestItem[]
  totals: { currency: Currency; items: number; open: Money; interest: Money; compensation: Money }[]
  madeBy: MadeBy
}

/** A debt, what was paid on it, and until when its interest is asked for. */
export interface DebtQuestion {
  policy: InterestPolicy | PolicyDocument | string
  currency: Currency
  amount: MoneyLike
  dueDate: Day
  until: Day
  /** Below zero what was taken back. */
  payments?: readonly { date: Day; amount: MoneyLike }[] | null
  chargedUntil?: Day | null
}

/** What a debt bears; `open` is what is left of it on the last day. */
export interface DebtInterest {
  open: Money
  accrued: Money
  interest: Money
  compensation: Money
  rule: string
  segments: InterestSegment[]
}

/** The interest and compensation of one debt. */
export function debtInterest(question: DebtQuestion, settings?: Settings | PolicyDocument | string): DebtInterest

// ------------------------------------------------------------------------------------------------ dunning

/** A dunning policy spelled out, as a document, by the name of a profile, or as JSON text. */
export type DunningChoice = DunningPolicy | PolicyDocument | { profile: string } | string

/** Two days, both inclusive. */
export interface Period {
  from: Day
  to: Day
}

/** An amount in a currency. */
export interface MoneyLimit {
  currency: Currency
  amount: MoneyLike
}

/** A fee by currency; one that is not listed is converted from the base currency. */
export interface FeePolicy {
  /** What a percentage is taken of. */
  of?: 'amount' | 'original'
  /** `single`: the last tier that is reached counts. `accumulated`: each for its part, and they are added. */
  mode?: 'single' | 'accumulated'
  /** How often a line is charged. */
  once?: 'per_level' | 'per_notice'
  currencies: readonly {
    currency: Currency
    taxPercent?: string | number | null
    /** Rising by `from`. */
    tiers: readonly {
      from?: MoneyLike
      amount?: MoneyLike
      percent?: string | number
      minimum?: MoneyLike | null
      maximum?: MoneyLike | null
    }[]
  }[]
}

/** A level of a procedure: when it is reached, what its notice says and what it costs. */
export interface DunningLevel {
  /** Below zero before the due date. */
  days: number
  name?: string
  countFrom?: 'due_date' | 'end_of_month' | 'last_notice' | 'last_notice_due'
  /** At least so much, such a part of all that is open, and so many items, or lines fall to the level below. */
  minimum?: readonly MoneyLimit[]
  minimumPercent?: string | number | null
  minimumCount?: number | null
  /** Repeated while nothing is new. */
  always?: boolean
  payWithinDays?: number | null
  noticeFee?: FeePolicy | null
  lineFee?: FeePolicy | null
  /** Both need `interest` of the policy. */
  interest?: boolean
  compensation?: boolean
  tone?: string
  template?: string
  /** The customer's own when left out, or where `channelOf` prefers that. */
  channel?: string
  /** To whom the claim goes; at the last level alone. */
  handOver?: string
}

/** Levels, the first of them level 1, and when an item rises from one to the next. */
export interface DunningProcedure {
  levels: readonly DunningLevel[]
  graceDays?: number
  grace?: 'threshold' | 'free'
  /** Which days those of levels, of grace and of `minimumDays` are. */
  count?: 'calendar_days' | 'business_days'
  edge?: 'reached' | 'passed'
  escalation?: 'step' | 'jump'
  afterLast?: 'stop' | 'repeat'
  /** What becomes of an item that stays at its level: on no notice, or on that of others that are new. */
  unchanged?: 'left_out' | 'with_new'
  /** Days between two notices to a customer. */
  intervalDays?: number
  intervalCount?: 'calendar_days' | 'business_days'
  intervalEdge?: 'reached' | 'passed'
  /** Between notices of a customer in a company and a currency, or in a company. */
  intervalPer?: 'desk' | 'customer'
  /** Which days those are that a notice gives to pay. */
  payWithinCount?: 'calendar_days' | 'business_days'
  /** A customer is dunned only when some item is so many days late. */
  minimumDays?: number | null
  maxNotices?: number | null
  /** A notice is for at least so much. */
  minimum?: readonly MoneyLimit[]
  /** Which lines the minimum of a level is for. */
  minimumOf?: 'level_and_above' | 'level'
  /** What credits do to the minimum of a level. */
  minimumCredits?: 'apart' | 'deducted'
}

/** Something that happens, and what to do then. */
export interface DunningTrigger {
  id: string
  when: 'new_customer' | 'invoice_issued' | 'days_past_due' | 'promise_broken' | 'payment_received' | 'dispute_opened'
  /** For `days_past_due`; below zero before the due date. */
  days?: number
  /** Which days those are. */
  count?: 'calendar_days' | 'business_days'
  /** How many days back events are looked for; 7 when left out. */
  withinDays?: number
  action: string
  channel?: string
  template?: string
}

/**
 * How to dun. The first word of each list is the default; see docs/specification.md, section 9. Names of procedures are the
 * user's own and stay as they are.
 */
export interface DunningPolicy {
  version?: 1
  id?: string
  procedures: { readonly [name: string]: DunningProcedure }
  /** That of customers whom nothing assigns; the only one, if there is one alone. */
  procedure?: string | null
  /** Each by one of the three lists; without `procedure` they are not dunned. */
  assign?: readonly {
    customers?: readonly string[]
    groups?: readonly string[]
    companies?: readonly string[]
    procedure?: string | null
  }[]
  unit?: 'item' | 'customer'
  noticePer?: 'customer' | 'family' | 'document'
  currency?: 'document' | 'base' | 'single'
  basis?: 'due_date' | 'document_date'
  /** `["invoice", "debit_note", "charge", "journal"]` when left out. */
  kinds?: readonly DocumentKind[]
  where?: { readonly [Key in AgingKey]?: readonly string[] }
  /** Debits below are out of scope. */
  minimumItem?: readonly MoneyLimit[]
  creditNotes?: 'covers' | 'listed' | 'listed_when_due' | 'ignored'
  unapplied?: 'covers' | 'listed' | 'listed_when_due' | 'ignored'
  inFlight?: 'covers' | 'ignored'
  disputed?: 'left_out' | 'dunned'
  held?: 'left_out' | 'dunned'
  blocked?: 'left_out' | 'dunned'
  requirements?: 'left_out' | 'dunned'
  promises?: 'left_out' | 'dunned'
  plans?: 'left_out' | 'dunned'
  /** Charges that turn out to be for nothing. */
  unfounded?: 'left_out' | 'dunned'
  /** The values of `blocked` that block; any when left out. */
  blocks?: readonly string[] | null
  promiseToleranceDays?: number
  planToleranceDays?: number
  quietDays?: 'send' | 'skip'
  weekend?: readonly Weekday[]
  holidays?: readonly Day[]
  /** Codes of currencies of one's own, beside those of ISO 4217. */
  currencies?: readonly string[]
  /** Names of templates of one's own, beside those that are shipped. */
  templates?: readonly string[]
  /** Tones of one's own, beside those that letters have. */
  tones?: readonly string[]
  /** An interest policy, for the levels that charge interest or compensation. */
  interest?: InterestPolicy | null
  /** What becomes of interest between the last notice of an item and its payment. */
  paidInterest?: 'charged' | 'dropped'
  /** Whether fees, interest and compensation become open items. */
  charges?: 'posted' | 'shown'
  /** Whose channel a notice takes first. */
  channelOf?: 'level' | 'customer'
  triggers?: readonly DunningTrigger[]
}

/** Why an item is on no notice: the first predicate that failed. */
export type SkipReason =
  | 'out_of_scope' | 'no_procedure' | 'quiet_day' | 'blocked' | 'held' | 'credit_ignored' | 'credit_covers'
  | 'credit_unlisted' | 'credit_waits' | 'requirement_missing' | 'disputed' | 'in_plan' | 'unfounded' | 'promised' | 'in_flight' | 'covered'
  | 'noticed_today' | 'interval' | 'no_due_date' | 'not_due' | 'in_grace' | 'waiting' | 'last_level' | 'max_notices' | 'rate_missing'
  | 'minimum_days' | 'below_minimum' | 'nothing_to_claim' | 'refused'

/** An item on a notice; amounts in the notice's currency. */
export interface DunningLine {
  customer: string
  document: string
  /** 0 without a schedule. */
  instalment: number
  dueDate: Day | null
  /** Since the basis date; below zero before it. */
  days: number | null
  open: Money
  /** What is asked for: without what is disputed, promised, on its way or covered. */
  amount: Money
  /** 0 for a credit that is listed. */
  level: number
  previous: number
  lineFee: Money
  lineFeeTax: Money
  interest: Money
  compensation: Money
  /** The last day that interest is charged for. */
  interestUntil: Day | null
}

/** A notice to one addressee about what is owed to a company in a currency. Texts that there are not are empty. */
export interface DunningNotice {
  company: string
  /** To whom it goes. */
  customer: string
  currency: Currency
  procedure: string
  /** The highest level of its lines, from 1. */
  level: number
  name: string
  tone: string
  template: string
  channel: string
  contact: string
  language: string
  handOver: string
  /** Until when it asks to be paid. */
  dueDate: Day | null
  /** When there would be another one, if nothing happens until then. */
  nextDate: Day | null
  /** What its lines claim; with all that follows it adds up to `total`. */
  claims: Money
  fee: Money
  feeTax: Money
  /** With their tax. */
  lineFees: Money
  interest: Money
  compensation: Money
  total: Money
  /** The debits, then the credits listed. */
  lines: DunningLine[]
}

/** An item that is on no notice, in its own currency. */
export interface SkippedItem {
  customer: string
  document: string
  instalment: number
  currency: Currency
  open: Money
  reason: SkipReason
  /** What stands in the way, by name; empty where nothing has one. */
  detail: string
  /** The last day on which it does. */
  until: Day | null
}

/** Something that happened, and what to do about it. */
export interface DunningEvent {
  trigger: string
  /** What makes it happen once: the id of the notice that stands for it. */
  key: string
  customer: string
  /** Empty when it is about none. */
  document: string
  instalment: number
  day: Day
  action: string
  channel: string
  template: string
}

/** What a run says of one item: each question in its turn, up to the first that failed. */
export interface DunningExplanation {
  document: string
  instalment: number
  /** 0 when it is on no notice. */
  level: number
  /** Why it is on none; empty when it is on one. */
  reason: SkipReason | ''
  steps: { predicate: string; passed: boolean; operands: string }[]
}

/** Whom to remind of what, and why the others are not. Nothing is posted until its facts are appended. */
export class DunningRun {
  private constructor()

  /** The policy and the engine that made it. */
  get madeBy(): MadeBy
  get day(): Day
  get noticeCount(): number
  /** How many items are on a notice, listed credits apart. */
  get lineCount(): number
  /** How many items were skipped for each reason. */
  get skippedCounts(): { [Reason in SkipReason]?: number }

  /** By company, addressee, currency, procedure and document. */
  notices(): DunningNotice[]
  /** In the order of open items. */
  skipped(): SkippedItem[]
  /** By trigger and key. */
  events(): DunningEvent[]
  /** Every question asked of an open item, with what was looked at. */
  explain(document: string, instalment?: number): DunningExplanation
  /**
   * The run without some notices, by their numbers from 0: their items are skipped with the reason `refused`.
   * @throws {ReceivablesError} `unknown_value`
   */
  without(notices: readonly number[]): DunningRun
  /**
   * The rows to append, effective on the run's day: notices `<prefix>-1`, `<prefix>-2`, … with their lines, what they charge as
   * documents, and a notice of level 0 for each event.
   */
  facts(idPrefix: string): DunningFacts

  /** Columns with amounts in minor units; `notice` is the number of a notice, from 0. */
  toColumns(what?: 'lines'): DunningLineColumns
  toColumns(what: 'notices'): DunningNoticeColumns
  toColumns(what: 'skipped'): SkippedColumns
  /**
   * An Arrow IPC stream; money is `decimal128`, days are `date32`. `claims` and `levels` are the short forms of `notices`
   * and `lines`: whom, at which level, how many lines, how much; and document, instalment, level.
   */
  toArrow(what?: 'lines' | 'claims' | 'levels' | 'notices' | 'skipped' | 'events'): Uint8Array
}

/** The rows that post a run. */
export interface DunningFacts {
  /** Fees, interest and compensation, of kind `charge`. */
  documents: (Document & { amount: Money })[]
  notices: Notice[]
  noticeLines: NoticeLine[]
}

/** The lines of all notices as columns. */
export interface DunningLineColumns {
  notice: Uint32Array
  currency: Currency[]
  customer: string[]
  document: string[]
  instalment: Uint32Array
  /** Days since 1970-01-01. */
  dueDate: Optional<Int32Array>
  days: Optional<Int32Array>
  openMinor: BigInt64Array
  amountMinor: BigInt64Array
  level: Uint32Array
  previous: Uint32Array
  lineFeeMinor: BigInt64Array
  lineFeeTaxMinor: BigInt64Array
  interestMinor: BigInt64Array
  compensationMinor: BigInt64Array
  interestUntil: Optional<Int32Array>
}

/** The figures of notices as columns. */
export interface DunningNoticeColumns {
  notice: Uint32Array
  company: string[]
  customer: string[]
  currency: Currency[]
  procedure: string[]
  level: Uint32Array
  /** Days since 1970-01-01. */
  dueDate: Optional<Int32Array>
  nextDate: Optional<Int32Array>
  claimsMinor: BigInt64Array
  feeMinor: BigInt64Array
  feeTaxMinor: BigInt64Array
  lineFeesMinor: BigInt64Array
  interestMinor: BigInt64Array
  compensationMinor: BigInt64Array
  totalMinor: BigInt64Array
}

/** The items that are on no notice as columns. */
export interface SkippedColumns {
  customer: string[]
  document: string[]
  instalment: Uint32Array
  currency: Currency[]
  openMinor: BigInt64Array
  reason: SkipReason[]
  detail: string[]
  /** Days since 1970-01-01. */
  until: Optional<Int32Array>
}

/** What a policy would have sent, day by day, over the recorded past. */
export class DunningSimulation {
  private constructor()

  /** The policy and the engine that made it. */
  get madeBy(): MadeBy
  /** How many addressees were touched. */
  get customers(): number

  /** Every notice, by day. */
  notices(): (DunningNotice & { day: Day })[]
  /** The days on which something was sent. */
  days(): { day: Day; notices: number; lines: number }[]
  /** By currency; what is claimed counts again with every notice. */
  totals(): { currency: Currency; notices: number; claims: Money; fees: Money; interest: Money; compensation: Money }[]
  /** Lines about items of which, as is known now, nothing was open on the day. */
  paidAlready(): { day: Day; customer: string; document: string; instalment: number; level: number; amount: Money }[]

  /** An Arrow IPC stream; `notice` is the number of a notice, from 0, and its lines have the same. */
  toArrow(what?: 'lines' | 'notices' | 'days' | 'totals' | 'paidAlready'): Uint8Array
}

/** An addressee whom two policies treat differently, and the first line that only one of them has. */
export interface ComparedCustomer {
  customer: string
  noticesA: number
  noticesB: number
  /** The highest level; 0 without a notice. */
  levelA: number
  levelB: number
  /** Fees, interest and compensation by currency. */
  chargesA: { currency: Currency; amount: Money }[]
  chargesB: { currency: Currency; amount: Money }[]
  day: Day
  document: string
  instalment: number
  /** Which of them has it. */
  in: 'a' | 'b'
  level: number
  /** The other's level for the item that day; 0 without. */
  otherLevel: number
  /** Why the other has no line about it that day; empty when it has. */
  otherReason: SkipReason | 'not_open' | ''
}

/** What was sent and should not have been so, or the other way round. */
export interface AuditRow {
  day: Day
  /** Empty when none was sent. */
  notice: string
  customer: string
  document: string
  instalment: number
  kind: 'wrong_level' | 'paid' | 'duplicate' | 'early' | 'blocked' | 'missed'
  /** The level that was sent; 0 when none was. */
  sent: number
  /** The level that the policy says; 0 when none. */
  expected: number
  reason: SkipReason | 'not_open' | ''
}

/** A doubt about a policy that is well-formed. */
export interface PolicyWarning {
  code:
    | 'unreachable_level' | 'repeats_daily' | 'notice_while_term_runs' | 'minimum_falls' | 'no_final_step'
    | 'fee_above_custom' | (string & {})
  path: string
  reason: string
  /** What says so; empty when it is the policy itself. */
  source: string
}

/** Doubts about a dunning policy, by path and code: levels that nobody reaches, notices every day, fees above custom. */
export function lintDunning(policy: DunningChoice): PolicyWarning[]

// ------------------------------------------------------------------------------------------------ import

/** A mapping: TOML or JSON text, or an object spelled as in JSON; see docs/import.md. */
export type ImportMapping = string | PolicyDocument

/** The files of a mapping by their names: text, or bytes. */
export type Files = { readonly [name: string]: string | Uint8Array }

/** What became of the rows of an import: `rows` = `accepted` + `rejected`. */
export interface ImportReport {
  rows: number
  /** Repeats that add nothing included. */
  accepted: number
  /** Rows none of whose facts were taken in. */
  rejected: number
  repeated: number
  files: { file: string; rows: number; accepted: number; rejected: number; repeated: number }[]
  rejections: Rejection[]
  /** How many facts each table got, by its published name. */
  tables: { table: string; facts: number }[]
  /** Rows that say otherwise than the first of a fact that is made once, or than the ledger to which they are appended. */
  conflicts: number
  /** Amounts that were rounded as the mapping says, and by how much at most. */
  rounded: number
  largestChange: Money | null
  /** Sums of the documents taken in. */
  totals: { currency: Currency; kind: DocumentKind; documents: number; amount: Money }[]
}

/** A row that was rejected, with all its facts. */
export interface Rejection {
  file: string
  /** The line on which the row begins, counted from 1. */
  line: number
  column: string | null
  table: string | null
  field: string | null
  code: ErrorCode
  reason: string
}

/** A ledger made from files, and what became of every row. */
export interface LoadedImport {
  ledger: Ledger
  report: ImportReport
}

/** Reads one file by a mapping: facts for `Ledger.from` or `append`, and what became of every row. */
export function importText(
  mapping: ImportMapping,
  text: string | Uint8Array,
): { facts: AllFacts; report: ImportReport }

// ------------------------------------------------------------------------------------------------ dense columns

/** Open items of a host that has numbered its customers and currencies itself, in any order. */
export interface DenseItems {
  /** Whole numbers from 0. */
  customer: Uint32Array
  /** Whole numbers from 0. */
  currency: Uint8Array
  /** Days since 1970-01-01. */
  due: Int32Array
  /** Minor units. */
  openMinor: BigInt64Array
}

/** Payments likewise. */
export interface DensePayments {
  customer: Uint32Array
  currency: Uint8Array
  /** Days since 1970-01-01. */
  day: Int32Array
  amountMinor: BigInt64Array
}

/** Aging and allocation straight from typed arrays: no ledger, nothing kept. */
export const columns: {
  /** A row for each customer, currency and bucket (how many edges are passed) that holds an item, by customer and currency. */
  age(
    items: DenseItems,
    day: Day,
    policy: AgingPolicy | PolicyDocument | string,
  ): { customer: Uint32Array; currency: Uint8Array; bucket: Uint8Array; openMinor: BigInt64Array; items: Uint32Array }
  /**
   * Spends payments on open items of the same customer and currency, oldest due first, ties by row; entries that are not above
   * zero take no part. `payment` and `item` are row numbers.
   */
  allocate(items: DenseItems, payments: DensePayments): { payment: Uint32Array; item: Uint32Array; amountMinor: BigInt64Array }
}

// ------------------------------------------------------------------------------------------------ profiles

/** A policy that gives what a known system gives: a policy to use as it is, or to change. */
export function profile(room: 'aging', name: string): AgingPolicy
export function profile(room: 'allocation', name: string): AllocationPolicy
export function profile(room: 'credit', name: string): CreditPolicy
export function profile(room: 'dunning', name: string): DunningPolicy
export function profile(room: 'kpi', name: string): KpiPolicy
export function profile(room: 'settlement', name: string): SettlementPolicy
/** What a statute fixes; the published rates are added as `reference.rates`. */
export function profile(room: 'interest', name: string): InterestPolicy
/** The names of a room's profiles, sorted. */
export function profiles(room: 'aging' | 'allocation' | 'credit' | 'dunning' | 'interest' | 'kpi' | 'settlement'): string[]

/**
 * The JSON Schema of a document: a policy of a room, a mapping of files, settings, or terms. Fields are spelled as they
 * are published (`edge_rule`), which every call that takes a policy reads too.
 */
export function schema(name: 'aging' | 'allocation' | 'cash' | 'credit' | 'dunning' | 'interest' | 'kpi' | 'letter' | 'letters' | 'loss_rates' | 'mapping' | 'picture' | 'prediction' | 'provision' | 'settings' | 'settlement' | 'stationery' | 'terms'): Record<string, unknown>
/** The names of the schemas, sorted. */
export function schemas(): string[]

// ------------------------------------------------------------------------------------------------ without a ledger

/** The engine's version. */
export function engineVersion(): string

/** The amount at the scale of its currency: `money("12.5", "EUR")` is `"12.50"`. It is never rounded. */
export function money(value: MoneyLike, currency: Currency, settings?: Settings | PolicyDocument | string): Money
/** The amount in minor units: `toMinor("12.50", "EUR")` is `1250n`. */
export function toMinor(value: MoneyLike, currency: Currency, settings?: Settings | PolicyDocument | string): bigint
/** Minor units as an amount: `fromMinor(1250n, "EUR")` is `"12.50"`. */
export function fromMinor(minor: bigint, currency: Currency, settings?: Settings | PolicyDocument | string): Money

/** The amount divided by whole weights, to the minor unit, by the largest remainder; the parts add up to it. */
export function split(
  amount: MoneyLike,
  currency: Currency,
  weights: readonly (number | bigint)[],
  settings?: Settings | PolicyDocument | string,
): Money[]

/** What a document is, for its payment terms. */
export interface TermsQuestion {
  /** Terms, or a code of `settings.terms`. */
  terms: Terms | PolicyDocument | string
  documentDate: Day
  currency: Currency
  amount: MoneyLike
  /** With `baseAmount`, when that is to be divided alongside. */
  baseCurrency?: Currency | null
  baseAmount?: MoneyLike | null
}

/** A part of a document, and when it is due. */
export interface DueInstalment {
  /** From 1 on; 0 when the whole is due at once. */
  number: number
  /** The day by which it is to be paid, inclusive. */
  dueDate: Day
  amount: Money
  baseAmount: Money | null
}

/** A part of a document with the steps that gave its date and amount. */
export interface ExplainedInstalment extends DueInstalment {
  /** The line of the terms, from 1 on; 0 without lines. */
  line: number
  repetition: number
  dates: { rule: string; from: Day; to: Day }[]
  /** The rule of the amount, such as `terms.percent`. */
  rule: string
  /** The amount that was shared. */
  of: Money
  /** The exact share of it as a fraction in lowest terms, such as `3/10`. */
  share: string | null
}

/** The instalments of a document under payment terms. */
export function dueDates(question: TermsQuestion, settings?: Settings | PolicyDocument | string): DueInstalment[]
/** The same, with reasons. */
export function explainDueDates(
  question: TermsQuestion,
  settings?: Settings | PolicyDocument | string,
): ExplainedInstalment[]

export type DayCount =
  | 'actual_365_fixed' | 'actual_360' | 'actual_actual_isda' | 'thirty_360_bond' | 'thirty_360_us' | 'thirty_e_360'
  | 'thirty_360_german'

/** The part of a year from one day (counted) to another (not), as a fraction in lowest terms. */
export function dayCount(convention: DayCount, from: Day, to: Day): { days: number; fraction: string }

/** A discount for early payment as a rate for a year: percent with two digits, rounded once. */
export interface DiscountRates {
  /** The days by which the payment comes earlier. */
  days: number
  /** The discount as a part of what is paid, in lowest terms, such as `1/49`. */
  cost: string
  simple360: string
  simple365: string
  /** `null` from 10^12 percent on. */
  compounded360: string | null
  compounded365: string | null
}

/** What a discount is worth in a year: so many percent off within `discountDays`, the whole within `netDays`. */
export function discountRates(
  percent: string | number | bigint,
  offer: { discountDays: number; netDays: number },
): DiscountRates

/** The business day for a day; Saturdays and Sundays are off without a calendar. */
export function businessDay(day: Day, roll: Roll, calendar?: BusinessCalendar | PolicyDocument | string): Day

// --------------------------------------------------------------------------------------------------- letters

/** A language that letters are shipped in. */
export type Language = 'en' | 'de' | 'fr' | 'es'

/** A line of a letter: a document or a part of one. */
export interface LetterLine {
  document: string
  /** Which part of it, from 1. */
  instalment?: number | null
  /** The customer's own reference. */
  reference?: string | null
  documentDate: Day
  dueDate?: Day | null
  /** By default counted to the letter's date. */
  daysPastDue?: number | null
  /** Below zero for a credit. */
  amount: Money | number
  /** By default the whole amount. */
  open?: Money | number | null
  level?: number | null
  disputed?: Money | number | null
  interest?: Money | number | null
  fee?: Money | number | null
  /** What is said beneath it; of an invoice, what is billed. */
  note?: string | null
}

/** Who writes. */
export interface Sender {
  name: string
  address?: string[]
  email?: string | null
  phone?: string | null
  bank?: string | null
  iban?: string | null
  bic?: string | null
  taxId?: string | null
  signatory?: string | null
}

/** A letter to be written; see docs/letters.md. `total` must be what the rest adds up to. */
export interface Letter {
  kind: 'notice' | 'statement' | 'activity' | 'invoice' | 'thanks'
  /** Of a notice. */
  tone?: 'friendly' | 'firm' | 'urgent' | 'final' | null
  /** The key of a template without the language, such as `notice/vip`. */
  template?: string | null
  language: Language
  format?: 'text' | 'html'
  date: Day
  sender: Sender
  customer: { id: string; name: string; address?: string[]; contact?: string | null; salutation?: string | null }
  currency: string
  document?: string | null
  period?: { from: Day; to: Day } | null
  lines?: LetterLine[]
  openingBalance?: Money | number | null
  taxes?: { label: string; amount: Money | number }[]
  fees?: Money | number | null
  interest?: Money | number | null
  compensation?: Money | number | null
  total: Money | number
  dueDate?: Day | null
  instalments?: { number: number; dueDate: Day; amount: Money | number }[]
  payment?: { link?: string | null; reference?: string | null }
  aging?: { label: string; amount: Money | number }[]
  message?: string | null
}

/** A policy of letters: own templates by key, such as `de/notice/firm`, own words, the looks of the page. */
export interface Letters {
  version?: 1
  id?: string
  templates?: Record<string, string>
  words?: Partial<Record<Language, Record<string, string>>>
  layout?: { accent?: string | null; footer?: string[] }
  currencies?: Record<string, number>
}

/** A customer's name and address; without a name the customer's number stands for it. */
export interface AddressBookEntry {
  name?: string
  address?: string[]
  contact?: string | null
  salutation?: string | null
}

/** What the letters of a dunning run bear beside its figures; see docs/letters.md 3. */
export interface Stationery {
  version?: 1
  id?: string
  sender?: Sender
  /** Who writes for a company. */
  companies?: Record<string, Sender>
  /** By customer. */
  customers?: Record<string, AddressBookEntry>
  /** Of customers without one. */
  language?: Language
  /** What is written for a language that is not shipped. */
  languages?: Record<string, Language>
  format?: 'text' | 'html'
  /** That of `run.facts`: each letter then bears the id of its notice. */
  idPrefix?: string
  /** With `{customer}`, `{notice}`, `{reference}`. */
  link?: string | null
  reference?: 'document' | 'customer' | 'none'
  agingDays?: number[]
}

/** A letter as it goes out; the subject is one line of plain text in either format. */
export interface Rendered {
  subject: string
  body: string
  format: 'text' | 'html'
  language: Language
  template: string
}

/** A creditor reference (ISO 11649): as it is sent to a bank, and as it is printed, in groups of four. */
export interface CreditorReference {
  reference: string
  printed: string
}

/** Writes a letter; own templates are proved before they are used. */
export function letter(letter: Letter | PolicyDocument | string, letters?: Letters | PolicyDocument | string): Rendered
/** The letters of a dunning run, one a notice, in their order: `letter` writes each. */
export function noticeLetters(run: DunningRun, stationery: Stationery | PolicyDocument | string): Letter[]
/** The creditor reference for one's own 1 to 21 letters and digits. */
export function creditorReference(text: string): CreditorReference
/** A creditor reference as somebody wrote it, refused when its check digits do not belong to the rest. */
export function checkCreditorReference(text: string): CreditorReference
/** An amount as letters of a language write it. */
export function localMoney(
  value: MoneyLike,
  currency: string,
  language: Language,
  settings?: Settings | PolicyDocument | string,
): string
/** A day as letters of a language write it. */
export function localDate(day: Day, language: Language): string
