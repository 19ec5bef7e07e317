'use strict'
// Finds the compiled engine: the one built here, else the package of this platform.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

const local = join(__dirname, '..', 'receivables.node')

function platformPackage() {
  const { platform, arch } = process
  if (platform !== 'linux') return `receivables-${platform}-${arch}`
  const glibc = process.report.getReport().header.glibcVersionRuntime
  return `receivables-linux-${arch}-${glibc ? 'gnu' : 'musl'}`
}

function load() {
  if (existsSync(local)) return require(local)
  const name = platformPackage()
  try {
    return require(name)
  } catch (cause) {
    throw new Error(`no compiled engine: run "npm run build" here, or install ${name}`, { cause })
  }
}

module.exports = load()
