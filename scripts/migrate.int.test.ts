import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { testWorld } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'

const migrate = (DATABASE_URL: string) =>
  promisify(execFile)(process.execPath, [path.resolve(import.meta.dirname, 'migrate.ts')], {
    env: { ...process.env, DATABASE_URL },
  })

/** Every file there, in order: one that the list of migrations forgets would show. */
const MIGRATIONS = readdirSync(path.resolve(import.meta.dirname, '../libs/db/src/migrations'))
  .map((file) => path.basename(file, '.ts'))
  .sort()

it('says what it applied to an empty database, and that there is nothing left to do', async () => {
  await using world = await testWorld()
  await sql`drop schema public cascade`.execute(world.db)
  await sql`create schema public`.execute(world.db)

  const { stdout } = await migrate(world.databaseUrl)

  expect(stdout).toBe(MIGRATIONS.map((name) => `applied ${name}\n`).join(''))
  expect((await migrate(world.databaseUrl)).stdout).toBe('The schema is up to date.\n')
  expect(await world.db.selectFrom('processing_jobs').selectAll().execute()).toEqual([])
})

it('fails with a sentence where no database is named, and where none answers', async () => {
  await expect(migrate('')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('DATABASE_URL: is not set'),
  })
  await expect(migrate('postgres://me:hush@127.0.0.1:1/books')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The schema could not be brought up to date: (?!.*hush)/),
  })
})
