// The facts in SQLite, one table a kind. Amounts are text: SQLite's numbers are floats, and no amount may be one.

const TABLES = {
  customers: 'id TEXT PRIMARY KEY',
  documents: `id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL,
    documentDate TEXT NOT NULL, dueDate TEXT`,
  allocations: 'id TEXT PRIMARY KEY, credit TEXT NOT NULL, debit TEXT NOT NULL, amount TEXT NOT NULL, effective TEXT',
  creditLines: `id TEXT PRIMARY KEY, kind TEXT NOT NULL, customer TEXT, currency TEXT NOT NULL, amount TEXT,
    effective TEXT NOT NULL`,
  commitments: `id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL,
    effective TEXT NOT NULL, recorded TEXT NOT NULL`,
}

/** A database file, or `:memory:`; `node:sqlite` where Node has it, else SQLite as WebAssembly. */
export async function openStore(file) {
  const db = await openDatabase(file)
  for (const [table, columns] of Object.entries(TABLES)) db.exec(`CREATE TABLE IF NOT EXISTS ${table} (${columns})`)
  return {
    /** All facts, as `Ledger.from` takes them. */
    facts() {
      return Object.fromEntries(Object.keys(TABLES).map((table) => [table, db.all(`SELECT * FROM ${table} ORDER BY rowid`)]))
    },

    /** Adds rows, all or none. */
    add(facts) {
      db.exec('BEGIN IMMEDIATE')
      try {
        for (const [table, rows] of Object.entries(facts)) {
          const names = TABLES[table].match(/\w+(?= TEXT)/g)
          const add = db.prepare(`INSERT INTO ${table} VALUES (${names.map(() => '?').join(', ')})`)
          for (const row of rows) add(names.map((name) => row[name] ?? null))
        }
        db.exec('COMMIT')
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },

    close() {
      db.close()
    },
  }
}

async function openDatabase(file) {
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(file)
    return {
      exec: (sql) => db.exec(sql),
      all: (sql) => db.prepare(sql).all().map((row) => ({ ...row })),
      prepare: (sql) => {
        const held = db.prepare(sql)
        return (values) => held.run(...values)
      },
      close: () => db.close(),
    }
  } catch (error) {
    if (error.code !== 'ERR_UNKNOWN_BUILTIN_MODULE') throw error
  }
  const { default: wasm } = await import('node-sqlite3-wasm')
  const db = new wasm.Database(file)
  const held = new Map()
  return {
    exec: (sql) => db.exec(sql),
    all: (sql) => db.all(sql),
    prepare: (sql) => {
      if (!held.has(sql)) held.set(sql, db.prepare(sql))
      return (values) => held.get(sql).run(values)
    },
    close: () => {
      for (const statement of held.values()) statement.finalize()
      db.close()
    },
  }
}
