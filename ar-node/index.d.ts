/** An amount as decimal text, such as `"10.25"`: a JavaScript number cannot hold cents. */
export type Money = string

/** A day as `"YYYY-MM-DD"`. */
export type Day = string

/** One thing that is wrong, and where. */
export interface Problem {
  code: string
  reason: string
  table: string | null
  index: number | null
  field: string | null
}

/** The engine refused its input. Branch on `code`, which is stable; show `reason` to a person. */
export class ReceivablesError extends Error implements Problem {
  readonly code: string
  readonly reason: string
  readonly table: string | null
  readonly index: number | null
  readonly field: string | null
  /** All problems, up to a cap. */
  readonly problems: Problem[]
  /** How many there are without the cap. */
  readonly total: number
}

/** The engine's version. */
export function engineVersion(): string

/** The amount at the scale of its currency, or a refusal. */
export function checkAmount(amount: Money, currency: string, on: Day): Money
