// The examples of README.md run, and print what README.md says.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (kind) => [...text.matchAll(new RegExp(`\`\`\`${kind}\n([^]*?)\`\`\``, 'g'))].map(([, block]) => block)
const [programs, outputs] = ['js', 'text'].map(blocks)

test('every example has its output', () => assert.equal(programs.length, outputs.length))

programs.forEach((code, at) =>
  test(`example ${at + 1} prints what it says`, () => {
    const own = code.replace("'receivables'", JSON.stringify(new URL('../index.js', import.meta.url).href))
    assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', own], { encoding: 'utf8' }), outputs[at])
  }),
)
