// Compiled, never run: what TypeScript lets a caller write.
import { checkAmount, engineVersion, ReceivablesError } from '../index.js'

export const version: string = engineVersion()
export const held: string = checkAmount('10.10', 'EUR', '2026-01-31')

// @ts-expect-error a number is not money
checkAmount(10.1, 'EUR', '2026-01-31')
// @ts-expect-error a Date has a time zone; a day has not
checkAmount('10.10', 'EUR', new Date())

export function place(error: unknown): [string, number | null, string | null] | undefined {
  return error instanceof ReceivablesError ? [error.code, error.index, error.field] : undefined
}
