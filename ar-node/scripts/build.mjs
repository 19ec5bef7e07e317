// Builds the addon with cargo and puts it beside index.js. `--release` for speed; `--profile NAME` for another.
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = ['build', '-p', 'ar-node', '--message-format=json-render-diagnostics', ...process.argv.slice(2)]
const cargo = spawnSync('cargo', args, {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
  maxBuffer: 1 << 28,
})
if (cargo.status !== 0) process.exit(cargo.status ?? 1)

// Cargo says where the library is, whatever the target directory and the platform's name for it.
const library = cargo.stdout
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'ar_node')
  .flatMap((message) => message.filenames)
  .find((name) => /\.(so|dylib|dll)$/.test(name))
if (!library) throw new Error('cargo built no library for ar-node')
copyFileSync(library, join(root, 'receivables.node'))
