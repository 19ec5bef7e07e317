// Over real HTTP on a port of its own: what is accepted, refused, told twice, and still known after a restart.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { orderEndpoint } from '../app.js'
import { load, percentile, shown } from '../load.js'
import { seed } from '../seed.js'
import { openStore } from '../store.js'

const FACTS = {
  customers: [{ id: 'ACME' }, { id: 'NEW' }, { id: 'LATE' }],
  documents: [
    { id: 'I-1', customer: 'ACME', kind: 'invoice', currency: 'EUR', amount: '700.00', documentDate: '2026-10-01', dueDate: '2026-12-31' },
    { id: 'I-2', customer: 'LATE', kind: 'invoice', currency: 'EUR', amount: '50.00', documentDate: '2026-01-01', dueDate: '2026-01-31' },
  ],
  creditLines: ['ACME', 'LATE'].map((customer) => (
    { id: `L-${customer}`, kind: 'limit', customer, currency: 'EUR', amount: '1000.00', effective: '2026-01-01' }
  )),
}
const today = () => '2026-11-20'
const folder = mkdtempSync(join(tmpdir(), 'orders-'))
const file = join(folder, 'orders.sqlite')
let store, app, url

async function open() {
  store = await openStore(file)
  if (store.facts().customers.length === 0) store.add(FACTS)
  app = orderEndpoint(store, { today })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
}

async function close() {
  await app.close()
  store.close()
}

async function order(id, customer, amount, more = {}) {
  const body = JSON.stringify({ id, customer, currency: 'EUR', amount, ...more })
  const answer = await fetch(`${url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return { status: answer.status, ...(await answer.json()) }
}

const headroom = async (customer) => (await (await fetch(`${url}/customers/${customer}/credit`)).json()).headroom

before(open)
after(async () => {
  await close()
  rmSync(folder, { recursive: true })
})

test('an order within the limit is accepted, and counts from then on', async () => {
  assert.equal(await headroom('ACME'), '300.00')
  assert.deepEqual(await order('O-1', 'ACME', '200.00'), { status: 201, id: 'O-1', decision: 'pass', headroom: '300.00' })
  assert.equal(await headroom('ACME'), '100.00')
})

test('one above it is refused with what failed and who may release it, and changes nothing', async () => {
  const { status, decision, failed, mayRelease } = await order('O-2', 'ACME', '100.01')
  assert.deepEqual([status, decision, mayRelease], [422, 'block', ['credit manager']])
  assert.deepEqual(failed, [{ check: 'limit', figure: '1000.01', limit: '1000.00' }])
  assert.equal(await headroom('ACME'), '100.00')
})

test('exactly the limit passes; the same order twice is told so', async () => {
  assert.equal((await order('O-3', 'ACME', '60.00')).status, 201)
  assert.deepEqual(await order('O-3', 'ACME', '40.00').then(({ status, code }) => [status, code]), [409, 'duplicate_id'])
  assert.equal((await order('O-4', 'ACME', '40.00')).status, 201)
  assert.equal(await headroom('ACME'), '0.00')
})

test('an old invoice warns, a customer without a limit is blocked, an unknown one is not found', async () => {
  assert.deepEqual(await order('O-5', 'LATE', '10.00').then(({ status, decision }) => [status, decision]), [201, 'warn'])
  assert.equal((await order('O-6', 'NEW', '1.00')).status, 422)
  assert.deepEqual(await order('O-7', 'NOBODY', '1.00').then(({ status, code }) => [status, code]), [404, 'unknown_value'])
})

test('what is no order is refused before anybody is asked', async () => {
  assert.equal((await order('O-8', 'LATE', 10)).status, 400)
  assert.equal((await order('O-8', 'LATE', '10.00', { colour: 'red' })).status, 400)
  assert.equal((await order('O-8', 'LATE', '10.001')).code, 'too_many_digits')
  assert.equal((await order('O-8', 'LATE', '10.00', { currency: 'XXQ' })).code, 'unknown_currency')
})

test('of orders that come at once only as many pass as the limit bears', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => order(`R-${at}`, 'LATE', '50.00')))
  const accepted = answers.filter(({ status }) => status === 201).length
  // 1000 less the invoice of 50 and the order of 10 leaves room for eighteen.
  assert.deepEqual([accepted, await headroom('LATE')], [18, '40.00'])
})

test('after a restart the database tells the same', async () => {
  await close()
  await open()
  assert.deepEqual([await headroom('ACME'), await headroom('LATE')], ['0.00', '40.00'])
  assert.equal((await order('O-1', 'LATE', '1.00')).code, 'duplicate_id')
})

test('its latency under load is printed', async () => {
  const other = await openStore(':memory:')
  const customers = seed(other, { customers: 200, documents: 2000 })
  const busy = orderEndpoint(other, { today: () => '2026-12-01' })
  await busy.listen({ port: 0, host: '127.0.0.1' })
  const measured = await load(busy.server.address().port, customers, { orders: 500, clients: 8 })
  await busy.close()
  other.close()
  console.log(shown(measured, 8))
  assert.deepEqual(measured.statuses, { 201: 500 })
  assert.ok(percentile(measured.times, 50) > 0)
})
