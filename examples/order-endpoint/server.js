// `node server.js orders.sqlite 3000`: the endpoint over a database file, which is filled when it is empty.

import { orderEndpoint } from './app.js'
import { seed } from './seed.js'
import { openStore } from './store.js'

const [file = 'orders.sqlite', port = '3000'] = process.argv.slice(2)
const store = await openStore(file)
if (store.facts().customers.length === 0) seed(store)
const app = orderEndpoint(store, { logger: true })
app.addHook('onClose', () => store.close())
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
await app.listen({ port: Number(port), host: '127.0.0.1' })
