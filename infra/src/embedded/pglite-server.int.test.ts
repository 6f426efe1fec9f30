import { once } from 'node:events'
import { startPglite, type TestPglite } from '@app/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

let database: TestPglite
beforeAll(async () => {
  database = await startPglite()
})
afterAll(() => database[Symbol.asyncDispose]())

async function connect(url: string) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end().catch(() => {}) })
}

/** Its end of the connection, for tests that break it. */
function socketOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
}

async function rowsOf(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ n: number }>('select n from numbers order by n')
  return rows.map((row) => row.n)
}

it('gives each of several clients its own answers', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(database.url)))
  // Different numbers of parameters: a Bind that met another client's Parse would fail.
  const ask = async (client: pg.Client, n: number) => {
    const list = Array.from({ length: n + 1 }, (_, i) => `$${i + 1}::int`).join(' + ')
    const { rows } = await client.query(
      `select ${list} as sum`,
      Array.from({ length: n + 1 }, () => n),
    )
    return rows[0].sum
  }

  const askOften = async (client: pg.Client, n: number) => {
    const sums: number[] = []
    for (let round = 0; round < 40; round += 1) sums.push(await ask(client, n))
    return sums
  }

  const sums = await Promise.all(clients.map(askOften))

  expect(sums).toEqual(clients.map((_, n) => Array.from({ length: 40 }, () => n * (n + 1))))
  await Promise.all(clients.map((client) => client.end()))
})

it('keeps others out of a transaction until it has ended', async () => {
  await using ann = await connect(database.url)
  await using bob = await connect(database.url)
  await ann.query('drop table if exists numbers; create table numbers (n int)')
  await ann.query('begin')
  await ann.query('insert into numbers values (1)')

  const seenByBob = rowsOf(bob)
  await ann.query('insert into numbers values (2)')
  await ann.query('commit')

  expect(await seenByBob).toEqual([1, 2])
})

it('drops a client that goes quiet in a transaction, undoes it and lets the others in', async () => {
  await using impatient = await startPglite({ idleInTransactionMs: 200 })
  await using quiet = await connect(impatient.url)
  await using other = await connect(impatient.url)
  await other.query('drop table if exists numbers; create table numbers (n int)')
  await quiet.query('begin')
  await quiet.query('insert into numbers values (1)')
  const [dropped] = await Promise.all([once(quiet, 'error'), rowsOf(other)])

  expect(dropped[0]).toMatchObject({ code: '25P03' })
  expect(await rowsOf(other)).toEqual([])
})

it('does not drop a client that is idle outside a transaction', async () => {
  await using impatient = await startPglite({ idleInTransactionMs: 50 })
  await using idle = await connect(impatient.url)
  await using busy = await connect(impatient.url)

  await busy.query('begin')
  await once(busy, 'error')

  expect((await idle.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

it('undoes the transaction of a client whose connection broke', async () => {
  await using broken = await connect(database.url)
  await using other = await connect(database.url)
  await other.query('drop table if exists numbers; create table numbers (n int)')
  await broken.query('begin')
  await broken.query('insert into numbers values (1)')

  socketOf(broken).destroy()

  expect(await rowsOf(other)).toEqual([])
  await other.query('insert into numbers values (2)')
  expect(await rowsOf(other)).toEqual([2])
})

it('goes on serving after a statement that failed, inside and outside of transactions', async () => {
  await using ann = await connect(database.url)
  await using bob = await connect(database.url)
  await expect(ann.query('select $1::int', ['not a number'])).rejects.toMatchObject({ code: '22P02' })
  await ann.query('begin')
  await expect(ann.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
  await expect(ann.query('select 1')).rejects.toMatchObject({ code: '25P02' })
  await ann.query('rollback')

  expect((await bob.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

/** How often statements that contain this were run, by each plan that there is of them. */
async function runsOf(client: pg.Client, text: string): Promise<number[]> {
  const { rows } = await client.query(
    `select (generic_plans + custom_plans)::int as runs from pg_prepared_statements
     where statement like '%' || $1 || '%' and statement not like '%pg_prepared_statements%'`,
    [text],
  )
  return rows.map(({ runs }) => runs)
}

it('parses a statement once, whichever clients send it', async () => {
  await using ann = await connect(database.url)
  await using bob = await connect(database.url)
  const add = async (client: pg.Client, n: number) =>
    (await client.query('select $1::int + 1 as once_only', [n])).rows[0].once_only

  const sums = [await add(ann, 1), await add(bob, 2), await add(ann, 3)]

  expect(sums).toEqual([2, 3, 4])
  expect(await runsOf(bob, 'once_only')).toEqual([3])
})

it('gives the columns that a table has now to a statement that it parsed before', async () => {
  await using ann = await connect(database.url)
  await using bob = await connect(database.url)
  const columnsFor = async (client: pg.Client) =>
    (await client.query('select * from pairs where $1', [true])).fields.map(({ name }) => name)
  await bob.query('drop table if exists pairs; create table pairs (a int)')
  const before = await columnsFor(ann)

  await bob.query('begin')
  await bob.query('alter table pairs add column b int')
  const inside = await columnsFor(bob)
  await bob.query('rollback')
  const undone = await columnsFor(ann)
  await bob.query('alter table pairs add column c int')

  expect([before, inside, undone, await columnsFor(ann)]).toEqual([['a'], ['a', 'b'], ['a'], ['a', 'c']])
})

it('reads a statement that it parsed before by the settings and the clock of now', async () => {
  await using client = await connect(database.url)
  const newYear = async () =>
    (
      await client.query(`select timestamptz '2026-01-01 00:00' as t where $1`, [true])
    ).rows[0].t.toISOString()
  const now = async () => (await client.query(`select 'now'::timestamptz::text as t`)).rows[0].t
  const before = await newYear()

  await client.query('begin')
  await client.query(`set local time zone 'Asia/Tokyo'`)
  const inTokyo = await newYear()
  await client.query('commit')

  expect([before, inTokyo, await newYear()]).toEqual([
    '2026-01-01T00:00:00.000Z',
    '2025-12-31T15:00:00.000Z',
    '2026-01-01T00:00:00.000Z',
  ])
  expect(await now()).not.toBe(await now())
})

it('fails once at most for what a function has changed or closed', async () => {
  await using client = await connect(database.url)
  const columns = async () =>
    (await client.query('select * from widened where $1', [true])).fields.map(({ name }) => name)
  const seven = async () => (await client.query('select 7 as seven where $1', [true])).rows
  await client.query('drop table if exists widened; create table widened (a int)')
  await client.query(`create or replace function widen() returns void language plpgsql as
    $$ begin execute 'alter table widened add column b int'; end $$`)
  for (const ask of [columns, seven]) await ask()

  await client.query('select widen()')
  await expect(columns()).rejects.toMatchObject({ code: '0A000' })
  expect(await columns()).toEqual(['a', 'b'])

  for (const ask of [columns, seven]) await ask()
  await client.query(`do $$ begin execute 'deal' || 'locate all'; end $$`)
  await expect(seven()).rejects.toMatchObject({ code: '26000' })
  expect(await seven()).toEqual([{ seven: 7 }])
})

function run(wire: pg.Connection, text: string): void {
  wire.parse({ name: '', text, types: [] }, true)
  wire.bind({}, true)
  wire.execute({}, true)
}

/** One request of several statements, each answered before the next is sent, as drivers have it that pipeline. */
class OneRequest {
  readonly #texts: string[]
  readonly #end: (wire: pg.Connection) => void
  readonly #failed = Promise.withResolvers<Error>()
  readonly failure = this.#failed.promise

  constructor(texts: string[], end: (wire: pg.Connection) => void) {
    this.#texts = texts
    this.#end = end
  }

  submit(wire: pg.Connection): void {
    const text = this.#texts.shift()
    if (text === undefined) this.#end(wire)
    else {
      run(wire, text)
      wire.flush()
    }
  }

  handleCommandComplete(_: unknown, wire: pg.Connection): void {
    this.submit(wire)
  }

  handleError(error: Error): void {
    this.#failed.resolve(error)
  }

  handleReadyForQuery(): void {}
}

it.each([
  ['that fails at its end', (wire: pg.Connection) => wire.sync()],
  [
    'whose client goes before it has ended',
    (_: pg.Connection, client: pg.Client) => socketOf(client).destroy(),
  ],
])('undoes all of a request %s', async (_, end) => {
  await using client = await connect(database.url)
  await using other = await connect(database.url)
  await other.query('drop table if exists numbers; create table numbers (n int)')
  // Known, so that there is something to forget when its table changes.
  await other.query('select * from numbers where $1', [true])
  const texts = ['insert into numbers values (1)', 'alter table numbers add column m int']
  const request = new OneRequest(texts, (wire) => {
    run(wire, 'select 1/0')
    end(wire, client)
  })

  client.query(request)
  await request.failure

  const { rows, fields } = await other.query('select * from numbers')
  expect([rows, fields.map(({ name }) => name)]).toEqual([[], ['n']])
})

it('goes on with a statement that failed, when it was parsed or when it was run', async () => {
  await using client = await connect(database.url)
  const divide = (by: number) => client.query('select 6 / $1::int as divided', [by])
  const missing = () => client.query('select * from nowhere where $1', [true])

  for (const _ of [1, 2]) await expect(missing()).rejects.toMatchObject({ code: '42P01' })
  for (const _ of [1, 2]) await expect(divide(0)).rejects.toMatchObject({ code: '22012' })
  await client.query('begin')
  await expect(divide(0)).rejects.toMatchObject({ code: '22012' })
  await expect(divide(2)).rejects.toMatchObject({ code: '25P02' })
  await client.query('rollback')

  expect((await divide(2)).rows).toEqual([{ divided: 3 }])
  expect(await runsOf(client, 'divided')).toHaveLength(1)
  expect(await runsOf(client, 'nowhere')).toEqual([])
})

it('refuses to copy rows in, however it is asked, and goes on serving', async () => {
  await using client = await connect(database.url)
  await using other = await connect(database.url)
  await client.query('drop table if exists numbers; create table numbers (n int)')
  const text = 'copy numbers from stdin'
  const asked = [
    { text },
    { text, queryMode: 'extended' },
    { text, name: 'parsed' },
    { text, name: 'parsed' },
  ]

  for (const query of asked) {
    await expect(client.query(query)).rejects.toMatchObject({
      code: '57014',
      message: expect.stringContaining('takes no rows from STDIN'),
    })
  }
  await client.query('insert into numbers values (1)')

  expect(await rowsOf(other)).toEqual([1])
})

it('takes values of several megabytes', async () => {
  await using client = await connect(database.url)
  const text = 'x'.repeat(8 * 1024 * 1024)

  const { rows } = await client.query('select length($1::text) as length, $1::text as text', [text])

  expect(rows[0].length).toBe(text.length)
  expect(rows[0].text === text).toBe(true)
})

it('refuses a wrong password, and what is not PostgreSQL at all', async () => {
  const wrong = new URL(database.url)
  wrong.password = 'guess'

  await expect(connect(wrong.href)).rejects.toMatchObject({ code: '28P01' })
  await expect(fetch(`http://${wrong.host}/`)).rejects.toThrow()
})

it('sends a client away that speaks otherwise once it is in, and goes on serving others', async () => {
  await using client = await connect(database.url)
  await using other = await connect(database.url)

  const gone = once(client, 'error')
  client.query(new OneRequest([], ({ stream }) => stream.write('z\0\0\0\x04S\0\0\0\x04')))

  expect((await gone)[0]).toBeInstanceOf(Error)
  expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

it('has vectors', async () => {
  await using client = await connect(database.url)

  const { rows } = await client.query(`select '[1,0]'::vector <=> '[0,1]'::vector as distance`)

  expect(rows).toEqual([{ distance: 1 }])
})
