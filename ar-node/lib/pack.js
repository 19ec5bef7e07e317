'use strict'
// Rows and columns of facts as a few buffers per column, which cross to the engine at once.
//
// A cell is a tag and, where the tag needs it, a text. Nothing is judged here: a value that no field takes gets a tag that
// says what it is, and the engine refuses it with table, row and field.

const native = require('./native.js')
const { refusal } = require('./errors.js')
const { camel } = require('./names.js')
const { isObject } = require('./objects.js')

const MISSING = 0
const TEXT = 1
const INTEGER = 2
const FLOAT = 3
const NOT_A_NUMBER = 4
const BOOLEAN = 5
const DATE_TIME = 6
const MINOR = 7
const LIST = 8
const HALF_A_CHARACTER = 9
const OBJECT = 10
const NO_NUMBER = 11

// One column in the making. A row that is never put is missing.
class Cells {
  constructor(name, kind, rows) {
    this.name = name
    // A JavaScript number is a whole number where one is meant, and a float where money or a rate is.
    this.exact = kind === 'money' || kind === 'number' || kind === 'minor'
    this.minor = kind === 'minor'
    this.tags = new Uint8Array(rows)
    this.lengths = new Uint32Array(rows)
    this.texts = new Array(rows)
  }

  put(row, value) {
    switch (typeof value) {
      case 'string':
        if (this.minor) this.tags[row] = NO_NUMBER
        else this.text(row, TEXT, value)
        return
      case 'bigint':
        return this.text(row, this.minor ? MINOR : INTEGER, value.toString())
      case 'number':
        if (!Number.isFinite(value)) this.tags[row] = NOT_A_NUMBER
        else if (this.exact || !Number.isInteger(value)) this.tags[row] = FLOAT
        else this.text(row, INTEGER, BigInt(value).toString())
        return
      case 'boolean':
        this.tags[row] = BOOLEAN
        return
      case 'undefined':
        return
      default:
        if (value === null) return
        this.tags[row] = value instanceof Date ? DATE_TIME : Array.isArray(value) ? LIST : OBJECT
    }
  }

  text(row, tag, text) {
    this.tags[row] = tag
    this.lengths[row] = text.length
    this.texts[row] = text
  }

  packed() {
    const joined = this.texts.join('')
    let text = Buffer.from(joined, 'utf8')
    if (text.length !== joined.length) {
      // Not all ASCII: the engine counts in bytes of UTF-8, which has no half of a surrogate pair.
      let bytes = 0
      this.texts.forEach((one, row) => {
        if (!one.isWellFormed()) {
          this.tags[row] = HALF_A_CHARACTER
          this.texts[row] = ''
        }
        this.lengths[row] = Buffer.byteLength(this.texts[row], 'utf8')
        bytes += this.lengths[row]
      })
      if (bytes !== text.length) text = Buffer.from(this.texts.join(''), 'utf8')
    }
    return { name: this.name, tags: this.tags, lengths: this.lengths, text }
  }
}

// What a name means in a table: by its published spelling and in camel case.
const TABLES = new Map()
for (const table of native.tables()) {
  const fields = new Map()
  for (const column of table.columns) {
    const minor = { ...column, kind: 'minor' }
    for (const [name, inMinorUnits] of [[column.name, `${column.name}_minor`], [camel(column.name), `${camel(column.name)}Minor`]]) {
      fields.set(name, column)
      if (column.kind === 'money') fields.set(inMinorUnits, minor)
    }
  }
  const dimensions = table.columns.some((column) => column.kind === 'dimensions')
  const known = { name: table.name, fields, dimensions, first: table.columns[0] }
  TABLES.set(table.name, known)
  TABLES.set(camel(table.name), known)
}

function packRows(table, rows) {
  const columns = new Map()
  const misfits = []
  const unknown = []
  const columnOf = (name, kind) => {
    let column = columns.get(name)
    if (column === undefined) columns.set(name, (column = new Cells(name, kind, rows.length)))
    return column
  }
  // So that a table of rows without a known field has its rows.
  columnOf(table.first.name, table.first.kind)
  // Rows mostly have one shape: where a key stands is where it stood in the row before.
  const shape = []
  const places = []
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]
    if (!isObject(row)) {
      misfits.push(at)
      continue
    }
    const keys = Object.keys(row)
    for (let place = 0; place < keys.length; place++) {
      const key = keys[place]
      const value = row[key]
      if (value === undefined) continue
      if (shape[place] === key && places[place] !== undefined) {
        places[place].put(at, value)
        continue
      }
      const field = table.fields.get(key)
      if (field === undefined || field.kind === 'minor') {
        unknown.push({ row: at, field: key })
      } else if (field.kind === 'dimensions' && isObject(value)) {
        for (const name of Object.keys(value)) columnOf(`dim_${name}`, 'text').put(at, value[name])
      } else {
        const column = columnOf(field.name, field.kind)
        column.put(at, value)
        if (field.kind === 'dimensions') continue
        shape[place] = key
        places[place] = column
      }
    }
  }
  return { table: table.name, columns: Array.from(columns.values(), (column) => column.packed()), misfits, unknown, problems: [] }
}

// A typed array that crosses as it stands, or nothing.
function whole(kind, values) {
  if (values instanceof Int32Array && kind === 'day') return { days: values }
  if (values instanceof Int32Array && kind === 'minor') return { minor: BigInt64Array.from(values, BigInt) }
  if (values instanceof BigInt64Array) {
    if (kind === 'minor') return { minor: values }
    if (kind === 'money' || kind === 'number' || kind === 'integer') return { integers: values }
  }
}

const isList = (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

function packList(name, kind, values) {
  const cells = new Cells(name, kind, values.length)
  for (let at = 0; at < values.length; at++) cells.put(at, values[at])
  return cells.packed()
}

function packColumn(name, kind, values) {
  if (isList(values)) return { name, ...(whole(kind, values) ?? packList(name, kind, values)) }
  if (isObject(values)) {
    if (values.keys instanceof Uint32Array && Array.isArray(values.values) && kind === 'text') {
      const texts = packList(name, 'text', values.values)
      if (texts.tags.every((tag) => tag === TEXT)) return { name, keys: values.keys, lengths: texts.lengths, text: texts.text }
    } else if (values.present instanceof Uint8Array && isList(values.values)) {
      return { ...packColumn(name, kind, values.values), present: values.present }
    }
  }
}

function packColumns(table, given) {
  const columns = []
  const problems = []
  const problem = (field, code, reason) => problems.push({ field, code, reason })
  const put = (key, name, kind, values) => {
    const packed = packColumn(name, kind, values)
    if (packed === undefined) problem(key, 'wrong_type', 'expected a list, a typed array, { values, present } or { keys, values }')
    else columns.push(packed)
  }
  for (const key of Object.keys(given)) {
    const values = given[key]
    if (values === undefined) continue
    const field = table.fields.get(key)
    if (field !== undefined && field.kind !== 'dimensions') put(key, field.name, field.kind, values)
    else if (field !== undefined && isObject(values)) {
      for (const name of Object.keys(values)) put(key, `dim_${name}`, 'text', values[name])
    } else if (table.dimensions && key.startsWith('dim_')) put(key, key, 'text', values)
    else problem(key, 'unknown_field', 'expected a column of the table')
  }
  return { table: table.name, columns, misfits: [], unknown: [], problems }
}

const nothing = (table) => ({ table, columns: [], misfits: [], unknown: [], problems: [] })

/** Tables of facts, each as rows or as columns. */
function packTables(tables) {
  if (!isObject(tables)) throw refusal('wrong_type', 'expected an object of tables')
  const packed = []
  for (const name of Object.keys(tables)) {
    const given = tables[name]
    if (given === undefined || given === null) continue
    const table = TABLES.get(name)
    if (table === undefined) packed.push(nothing(name))
    else if (Array.isArray(given)) packed.push(packRows(table, given))
    else if (isObject(given)) packed.push(packColumns(table, given))
    else packed.push({ ...nothing(table.name), problems: [{ code: 'wrong_type', reason: 'expected rows or columns' }] })
  }
  return { tables: packed }
}

/** Tables of facts as Arrow IPC bytes: one buffer each, or several. */
function packArrow(tables) {
  if (!isObject(tables)) throw refusal('wrong_type', 'expected an object of tables')
  const arrow = []
  for (const name of Object.keys(tables)) {
    const given = tables[name]
    if (given === undefined || given === null) continue
    const table = TABLES.get(name)?.name ?? name
    for (const bytes of Array.isArray(given) ? given : [given]) {
      if (!(bytes instanceof Uint8Array)) throw refusal('wrong_type', 'expected Arrow IPC bytes as a Uint8Array', { table })
      arrow.push({ table, bytes })
    }
  }
  return { arrow }
}

const BALANCE = ['company', 'control_account', 'currency', 'balance'].map((name) => ({
  name,
  kind: name === 'balance' ? 'money' : 'text',
}))

/** Balances of control accounts, as rows. */
function packBalances(balances) {
  if (!Array.isArray(balances)) throw refusal('wrong_type', 'expected a list of balances', { table: 'balances' })
  const fields = new Map(BALANCE.flatMap((field) => [[field.name, field], [camel(field.name), field]]))
  const packed = packRows({ name: 'balances', fields, first: BALANCE[0] }, balances)
  const empty = { tags: new Uint8Array(balances.length), lengths: new Uint32Array(balances.length), text: new Uint8Array(0) }
  const columns = BALANCE.map(({ name }) => packed.columns.find((column) => column.name === name) ?? { name, ...empty })
  return { ...packed, columns }
}

module.exports = { packArrow, packBalances, packTables }
