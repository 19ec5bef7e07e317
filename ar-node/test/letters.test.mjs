// Letters as JavaScript writes them: camel case in, a user's own names kept, refusals at their published paths.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Ledger, letter, localMoney, noticeLetters, ReceivablesError } from '../index.js'

const notice = {
  kind: 'notice', tone: 'final', language: 'de', format: 'html', date: '2026-10-31', dueDate: '2026-11-14',
  sender: { name: 'Nordwind', taxId: 'DE1' }, customer: { id: 'C', name: '<script>' }, currency: 'EUR', total: '105.00', fees: '5.00',
  payment: { reference: 'RF18539007547034' },
  lines: [{ document: 'R-1', documentDate: '2026-09-01', dueDate: '2026-10-01', daysPastDue: 30, amount: 100 }],
}

test('a letter is written', () => {
  const written = letter(notice)
  assert.equal(written.subject, 'Letzte Zahlungsaufforderung vor Abgabe der Forderung: 105,00\u00a0EUR')
  assert.equal(written.template, 'de/notice/final')
  assert.ok(written.body.includes('&lt;script&gt;') && !written.body.includes('<script'))
  assert.ok(written.body.includes('RF18 5390 0754 7034'))
})

test('names of a user in a policy stay as they are', () => {
  const words = { de: { total_notice: 'Zahlbetrag' } }
  const written = letter({ ...notice, template: 'notice/vip_kunden' }, { templates: { 'de/notice/vip_kunden': 'S\n---\nO\n---\nC' }, words })
  assert.equal(written.subject, 'S')
  assert.ok(written.body.includes('Zahlbetrag'))
})

test('a float is refused at its path', () => {
  const lines = [{ ...notice.lines[0], amount: 100.5 }]
  assert.throws(() => letter({ ...notice, lines }), (error) => {
    assert.ok(error instanceof ReceivablesError)
    assert.deepEqual([error.code, error.field], ['float_refused', 'lines[0].amount'])
    return true
  })
  assert.throws(() => localMoney(0.1, 'EUR', 'de'), { code: 'float_refused' })
})

test('a dunning run becomes letters', () => {
  const run = Ledger.from({
    customers: [{ id: 'C_1' }],
    documents: [{
      id: 'INV-7', customer: 'C_1', kind: 'invoice', currency: 'EUR', amount: '1234.56', documentDate: '2026-09-01', dueDate: '2026-10-01',
    }],
  }).asOf('2026-10-10').dun({ procedures: { standard: { levels: [{ days: 5, payWithinDays: 14 }] } } })
  const stationery = {
    sender: { name: 'Nordwind', taxId: 'DE1' }, language: 'de', customers: { C_1: { name: 'Brückner' } }, idPrefix: 'run', agingDays: [0],
    link: 'https://pay.example/{customer}',
  }
  const [one] = noticeLetters(run, stationery)
  assert.deepEqual([one.total, one.dueDate, one.document, one.customer.name], ['1234.56', '2026-10-24', 'run-1', 'Brückner'])
  const written = letter({ ...one, message: 'Danke' })
  assert.equal(written.template, 'de/notice/friendly')
  assert.ok(written.body.includes('RF79 INV7') && written.body.includes('Danke'))
  assert.deepEqual(noticeLetters(run, JSON.stringify({ sender: { name: 'N' } })).length, 1)
  assert.throws(() => noticeLetters(run, { ...stationery, link: 'javascript:alert(1)' }), { code: 'policy_invalid', field: 'link' })
  assert.throws(() => noticeLetters({}, stationery), { code: 'wrong_type', field: 'run' })
})
