import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { expect, it } from 'vitest'
import { startPgliteServer } from './pglite.ts'

const ROUNDS = 3
const ENOUGH = 40

it('loses nothing committed when it is killed again and again while it writes', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pglite-kill-'))
  const start = () => startPgliteServer({ dataDir: path.join(folder, 'postgres'), password: 'test' })
  const committed: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await start()
      const client = new pg.Client({ connectionString: server.url })
      client.on('error', () => {})
      await client.connect()
      await client.query('create table if not exists numbers (n int primary key)')
      for (let n = round * 1000; committed.length < (round + 1) * ENOUGH; n += 1) {
        await client.query('insert into numbers values ($1)', [n])
        committed.push(n)
      }
      // One more is on its way when it dies: it may be there afterwards, or not.
      client.query('insert into numbers values ($1)', [-1 - round]).catch(() => {})
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    }

    const server = await start()
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query<{ n: number }>('select n from numbers where n >= 0 order by n')
    await client.end()
    await server.stop()

    expect(rows.map((row) => row.n)).toEqual(committed)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
