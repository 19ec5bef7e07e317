'use strict'
// Columns of a report as they leave: typed arrays by name, a list of them where several go by one name.

function columns(all) {
  const out = {}
  for (const column of all) {
    const texts = column.keys && { keys: column.keys, values: JSON.parse(column.texts) }
    const values = texts ?? column.minor ?? column.days ?? column.counts ?? column.numbers ?? JSON.parse(column.texts ?? '[]')
    const given = column.present ? { values, present: column.present } : values
    if (column.listed) (out[column.name] ??= []).push(given)
    else out[column.name] = given
  }
  return out
}

module.exports = { columns }
