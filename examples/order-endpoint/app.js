// The endpoint: an order is accepted when the customer's credit allows it, and is a fact from then on.

import Fastify from 'fastify'
import { Ledger, ReceivablesError } from 'receivables'

const POLICY = {
  checks: [
    { check: 'limit', missing: 'fails' },
    { check: 'oldest_open', days: 60, reaction: 'warn' },
  ],
  release: [{ role: 'credit manager' }],
}

const ORDER = {
  type: 'object',
  required: ['id', 'customer', 'currency', 'amount'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 64 },
    customer: { type: 'string', minLength: 1 },
    currency: { type: 'string' },
    // Text: a JSON number would be a float before anybody could refuse it.
    // Without a sign: an order below zero would make room for others.
    amount: { type: 'string', maxLength: 40, pattern: '^[0-9.]+$' },
  },
}

// Where the shape of an order is wrong it is refused, not made to fit.
const STRICT = { customOptions: { coerceTypes: false, removeAdditional: false } }

/** An application over a store. `today` gives the day as `YYYY-MM-DD`. */
export function orderEndpoint(store, { today = () => new Date().toISOString().slice(0, 10), policy = POLICY, ...options } = {}) {
  let ledger = Ledger.from(store.facts())
  let desk = null

  // A desk is about one ledger on one day; a new one costs next to nothing.
  function deskOf(day) {
    if (desk === null || desk.day !== day) desk = ledger.credit(policy, day)
    return desk
  }

  function accept(order, day) {
    const row = { ...order, kind: 'order', effective: day, recorded: day }
    // The ledger proves the fact; the database keeps it; only then does anybody see it.
    const { recorded, ...fact } = row
    const next = ledger.append({ commitments: [fact] }, { recorded })
    store.add({ commitments: [row] })
    ledger = next
    desk = null
  }

  const app = Fastify({ ajv: STRICT, ...options })

  app.post('/orders', { schema: { body: ORDER } }, (request, reply) => {
    const day = today()
    const { id, customer, currency, amount } = request.body
    // From the check to the fact nothing waits, so no other order comes between them.
    const { decision, headroom } = deskOf(day).check(customer, amount, currency, { order: id })
    if (decision === 'block') {
      const { checks, mayRelease } = deskOf(day).explain(customer, amount, currency, { order: id })
      const failed = checks.filter(({ passed }) => !passed).map(({ check, figure, limit }) => ({ check, figure, limit }))
      return reply.code(422).send({ id, decision, headroom, failed, mayRelease })
    }
    accept(request.body, day)
    return reply.code(201).send({ id, decision, headroom })
  })

  app.get('/customers/:customer/credit', (request) => {
    const { currency = 'EUR' } = request.query
    const { decision, headroom } = deskOf(today()).check(request.params.customer, '0.00', currency)
    return { customer: request.params.customer, currency, decision, headroom }
  })

  const STATUS = { unknown_value: 404, duplicate_id: 409 }
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof ReceivablesError)) return reply.send(error)
    const { code, field, message } = error
    return reply.code(STATUS[code] ?? 400).send({ code, field, message })
  })

  return app
}
