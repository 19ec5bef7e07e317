'use strict'
// A table for the terminal: figures to the right, long ones cut short with a word on how many there are.

const SHOWN = 20

const grouped = (figure) => String(figure).replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+(?!\d))/g, ','))

function table(names, rows) {
  const cells = rows.slice(0, SHOWN)
  const width = names.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at].text.length)))
  const line = (row) =>
    row.map(({ text, figure }, at) => (figure ? text.padStart(width[at]) : text.padEnd(width[at]))).join('  ').trimEnd()
  const head = names.map((text, at) => ({ text, figure: cells[0]?.[at].figure ?? false }))
  const rule = width.map((signs) => '-'.repeat(signs)).join('  ')
  const more = rows.length > SHOWN ? [`and ${rows.length - SHOWN} more`] : []
  return [line(head), rule, ...cells.map(line), ...more].join('\n')
}

// The rows of an aging as `console.log` shows them.
function aging(report) {
  const rows = report.rows()
  if (rows.length === 0) return 'Aging (nothing is open)'
  const keys = Object.keys(rows[0]).slice(0, Object.keys(rows[0]).indexOf('buckets'))
  const names = [...keys, ...report.labels, 'total']
  const figure = (amount) => ({ text: grouped(amount), figure: true })
  return table(
    names,
    rows.map((row) => [...keys.map((key) => ({ text: String(row[key]), figure: false })), ...row.buckets.map(figure), figure(row.total)]),
  )
}

module.exports = { aging }
