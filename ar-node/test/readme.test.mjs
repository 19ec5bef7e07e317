// The example of README.md runs, and prints what README.md says.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

test('the example prints what it says', () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [code, output] = ['js', 'text'].map((kind) => new RegExp(`\`\`\`${kind}\n([^]*?)\`\`\``).exec(text)[1])
  const own = code.replace("'receivables'", JSON.stringify(new URL('../index.js', import.meta.url).href))
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', own], { encoding: 'utf8' }), output)
})
