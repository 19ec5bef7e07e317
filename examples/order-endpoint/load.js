// How long an order takes under load: some clients at once over HTTP, each waiting for its answer; percentiles are printed.
//
//   node load.js [orders] [clients] [documents]

import { Agent, request } from 'node:http'
import { orderEndpoint } from './app.js'
import { seed } from './seed.js'
import { openStore } from './store.js'

/** Posts orders and gives back the milliseconds that each took, sorted. */
export async function load(port, customers, { orders, clients, prefix = 'LOAD' }) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const post = (body) =>
    new Promise((done, failed) => {
      const text = JSON.stringify(body)
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const asked = request({ port, host: '127.0.0.1', path: '/orders', method: 'POST', agent, headers }, (answer) => {
        answer.resume().on('end', () => done(answer.statusCode)).on('error', failed)
      })
      asked.on('error', failed).end(text)
    })
  let next = 0
  const times = []
  const statuses = {}
  const client = async () => {
    for (let at = next++; at < orders; at = next++) {
      const from = performance.now()
      const status = await post({ id: `${prefix}-${at}`, customer: customers[at % customers.length], currency: 'EUR', amount: '10.00' })
      times.push(performance.now() - from)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - from) / 1000
  agent.destroy()
  times.sort((a, b) => a - b)
  return { times, statuses, perSecond: Math.round(orders / seconds) }
}

/** The value that so many per cent are not above. */
export const percentile = (sorted, percent) => sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)]

export const shown = ({ times, statuses, perSecond }, clients) => {
  const at = [50, 90, 99, 99.9].map((percent) => `p${percent} ${percentile(times, percent).toFixed(2)} ms`)
  return `${times.length} orders, ${clients} clients, ${perSecond} a second: ${at.join(', ')}; answers ${JSON.stringify(statuses)}`
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [orders = 5000, clients = 16, documents = 20_000] = process.argv.slice(2).map(Number)
  const store = await openStore(':memory:')
  const customers = seed(store, { documents })
  const app = orderEndpoint(store, { today: () => '2026-12-01' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address()
  // The first few hundred are slower: code is compiled while they run.
  await load(port, customers, { orders: 500, clients, prefix: 'WARM' })
  console.log(shown(await load(port, customers, { orders, clients }), clients))
  await app.close()
  store.close()
}
