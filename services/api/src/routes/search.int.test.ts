import { randomUUID } from 'node:crypto'
import { SearchAnswer } from '@app/contracts'
import { type Embeddings, lexicalEmbeddings } from '@app/language'
import { testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'
import { saySo, spoken } from '../testing/transcripts.ts'

const RABBIT = [
  'alice was beginning to get very tired of sitting by her sister on the bank',
  'once or twice she had peeped into the book her sister was reading',
  'suddenly a white rabbit with pink eyes ran close by her',
  'there was nothing so very remarkable in that',
]
const WHALE = [
  'call me ishmael some years ago never mind how long precisely',
  'having little or no money in my purse and nothing particular to interest me on shore',
  'i thought i would sail about a little and see the watery part of the world',
]

it.each(['text', 'vector', 'both'] as const)(
  'finds a phrase by %s in the right chapter, within a second of its place',
  async (mode) => {
    await using database = await testDatabase()
    await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
    const book = await bookSaying(api, [RABBIT, WHALE])

    const [hit] = await search(api, `q=the+watery+part+of+the+world&mode=${mode}`)

    const place = spoken(WHALE).segments[2]?.words.find((word) => word.text === 'watery')
    expect(hit).toMatchObject({ match: mode, chapter: { position: 2 }, audiobook: { id: book.id } })
    expect(hit?.quote).toContain('watery part of the world')
    expect(Math.abs((hit?.start_ms ?? 0) - (place?.startMs ?? 0))).toBeLessThan(1_000)
  },
)

it('finds a phrase that runs over a pause, as one place', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [RABBIT])

  const [hit] = await search(api, 'q=sister+was+reading+suddenly+a+white+rabbit&mode=text')

  expect(hit?.quote).toBe('sister was reading suddenly a white rabbit')
})

it('puts the passage with most of the words first, though some were misheard', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [['the pink flowers were white', ...RABBIT]])

  const [hit] = await search(api, 'q=a+white+rabid+with+pink+ice+ran+close&mode=text')

  expect(hit?.quote).toContain('white rabbit with pink eyes ran close')
})

it('knows the forms of English words, and takes words of other languages as they are', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [RABBIT])
  await bookSaying(api, [['es war einmal ein könig der hatte einen schönen garten']], { language: 'de' })

  expect((await search(api, 'q=running+rabbits&mode=text'))[0]?.quote).toMatch(/rabbit/)
  expect((await search(api, 'q=schönen+garten&mode=text'))[0]?.quote).toBe('schönen garten')
  expect(await search(api, 'q=könige&mode=text')).toEqual([])
})

it.each([
  ['Chinese', 'zh', ['从前有一个国王，他有一座美丽的花园。', '每天都有许多鸟儿飞来唱歌。'], '美丽的花园'],
  [
    'Japanese',
    'ja',
    ['昔々あるところにおじいさんが住んでいました。', 'おじいさんは山へ芝刈りに行きました。'],
    '山へ芝刈り',
  ],
  ['Thai', 'th', ['มีพระราชาองค์หนึ่งทรงมีสวนดอกไม้ที่สวยงามมาก', 'นกมากมายบินมาร้องเพลงทุกวัน'], 'ร้องเพลง'],
])('finds words of %s, which has no spaces, at their place', async (_, language, lines, query) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [['call me ishmael', ...lines]], { language })

  const hits = await search(api, `q=${encodeURIComponent(query)}&mode=text`)

  expect(hits[0]?.quote.replace(/[，。]$/u, '')).toBe(query)
})

it('finds in own books and public ones only, in all for admins', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const userId = randomUUID()
  const asUser = { authorization: `Bearer ${await userToken({ userId })}` }
  const own = await bookSaying(api, [RABBIT], { ownerId: userId })
  const open = await bookSaying(api, [RABBIT], { isPublic: true })
  const other = await bookSaying(api, [RABBIT])
  const booksFound = async (query: string, headers?: Record<string, string>) =>
    (await search(api, query, headers)).map((hit) => hit.audiobook.id).toSorted()
  const found = [own.id, open.id].toSorted()

  for (const mode of ['text', 'vector', 'both']) {
    expect(await booksFound(`q=white+rabbit+with+pink+eyes&mode=${mode}`, asUser)).toEqual(found)
  }
  expect(await booksFound('q=white+rabbit+with+pink+eyes')).toEqual([...found, other.id].toSorted())
  const theirs = await api.ask('GET', `/api/v1/search?q=x&audiobook_id=${other.id}`, undefined, asUser)
  expect(theirs).toMatchObject({ status: 403, body: { error: { code: 'not-yours' } } })
})

it('searches one book where one is named', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const one = await bookSaying(api, [RABBIT])
  await bookSaying(api, [RABBIT])

  for (const mode of ['text', 'vector', 'both']) {
    const hits = await search(api, `q=white+rabbit+with+pink+eyes&audiobook_id=${one.id}&mode=${mode}`)
    expect(hits.map((hit) => hit.audiobook.id)).toEqual([one.id])
  }
  const unknown = await api.ask('GET', `/api/v1/search?q=x&audiobook_id=${randomUUID()}`)
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'audiobook-not-found' } } })
})

it('compares no vectors of other models', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [RABBIT])
  await api.db.updateTable('embeddings').set({ model: 'another', embedding: '[1,2,3]' }).execute()

  expect(await search(api, 'q=white+rabbit+with+pink+eyes&mode=vector')).toEqual([])
})

it('searches each book by the model that has all of it while the model is changed', async () => {
  await using database = await testDatabase()
  const asked: string[] = []
  const by = (model: string): Embeddings => ({
    ...lexicalEmbeddings(),
    model,
    async embedTexts(texts, options) {
      asked.push(model)
      return await lexicalEmbeddings().embedTexts(texts, options)
    },
  })
  const options = { databaseUrl: database.url, redis: testRedis(), embeddings: by('newer') }
  await using api = await startTestApi({
    ...options,
    earlierEmbeddings: ({ model }) => (model === 'gone' ? undefined : by(model)),
  })
  const whole = await bookSaying(api, [RABBIT, WHALE])
  const half = await bookSaying(api, [RABBIT, WHALE])
  const lost = await bookSaying(api, [RABBIT])
  await rename(api, 'older', [whole.id, half.id])
  await rename(api, 'gone', [lost.id])
  await copy(api, 'newer', { books: [whole.id, half.id], positions: [1] })
  await copy(api, 'newer', { books: [whole.id], positions: [2] })
  const modelOf = async (audiobookId: string) =>
    (await search(api, `q=white+rabbit+with+pink+eyes&audiobook_id=${audiobookId}&mode=vector`))[0]?.model

  expect([await modelOf(whole.id), await modelOf(half.id), await modelOf(lost.id)]).toEqual([
    ...['newer', 'older', undefined],
  ])
  expect([...new Set(asked)].toSorted()).toEqual(['newer', 'older'])
  expect(await search(api, `q=white+rabbit&audiobook_id=${lost.id}`)).toMatchObject([{ match: 'text' }])

  await copy(api, 'newer', { books: [half.id], positions: [2] })
  expect(await modelOf(half.id)).toBe('newer')
})

it('searches by vectors of the earlier length while their length is changed', async () => {
  await using database = await testDatabase()
  const lexical = lexicalEmbeddings()
  const shorter: Embeddings = {
    ...lexical,
    dimensions: 128,
    embedTexts: async (...asked) => (await lexical.embedTexts(...asked)).map((each) => each.slice(0, 128)),
  }
  await using api = await startTestApi({
    ...{ databaseUrl: database.url, redis: testRedis(), embeddings: shorter },
    earlierEmbeddings: ({ dimensions }) => (dimensions === lexical.dimensions ? lexical : undefined),
  })
  await bookSaying(api, [RABBIT])

  expect((await search(api, 'q=white+rabbit+with+pink+eyes&mode=vector'))[0]?.quote).toMatch(/white rabbit/)
})

it.each([
  "q=it's+%26+'quotes'+%7C+!+(+%3A*+%5C",
  'q=%25_%00'.replace('%00', ''),
  'q=the+of+and',
  'q=%E7%A0%B8%E8%87%AA%E5%B7%B1',
])('takes %s for words, not for syntax', async (query) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [RABBIT])

  expect(Array.isArray(await search(api, query))).toBe(true)
})

it('finds nothing for a query without a word, though its vector is near to something', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await bookSaying(api, [RABBIT, WHALE])

  expect(await search(api, 'q=%F0%9F%93%96')).toEqual([])
  expect(await search(api, "q=%25'%22--&mode=vector")).toEqual([])
})

it.each(['', 'q=', 'q=x&limit=0', 'q=x&mode=odd', 'q=x&audiobook_id=5', 'q=a%00b'])(
  'refuses the query "%s"',
  async (query) => {
    await using database = await testDatabase()
    await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

    const refused = await api.ask('GET', `/api/v1/search?${query}`)

    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'invalid-query' } } })
  },
)

async function search(api: TestApi, query: string, headers?: Record<string, string>) {
  const { status, body } = await api.ask('GET', `/api/v1/search?${query}`, undefined, headers)
  expect(status, JSON.stringify(body)).toBe(200)
  return SearchAnswer.parse(body).hits
}

/** As if these books had been embedded by another model. */
async function rename(api: TestApi, model: string, books: readonly string[]) {
  for (const table of ['embeddings', 'embedded_chapters'] as const) {
    const chapters = api.db.selectFrom('chapters').select('id').where('audiobook_id', 'in', books)
    await api.db.updateTable(table).set({ model }).where('chapter_id', 'in', chapters).execute()
  }
}

/** As if these chapters had been embedded by one more. */
async function copy(
  api: TestApi,
  model: string,
  of: { books: readonly string[]; positions: readonly number[] },
) {
  const chapters = await api.db
    .selectFrom('chapters')
    .select('id')
    .where('audiobook_id', 'in', of.books)
    .where('position', 'in', of.positions)
    .execute()
  for (const { id } of chapters) {
    await sql`
      insert into embeddings (chapter_id, model, chunk_index, provider, dimensions, start_ms, end_ms, text, embedding)
      select chapter_id, ${model}, chunk_index, provider, dimensions, start_ms, end_ms, text, embedding
      from embeddings where chapter_id = ${id}`.execute(api.db)
    await sql`
      insert into embedded_chapters (chapter_id, model, provider, dimensions, chunk_count)
      select chapter_id, ${model}, provider, dimensions, chunk_count
      from embedded_chapters where chapter_id = ${id}`.execute(api.db)
  }
}

interface BookOptions {
  ownerId?: string
  isPublic?: boolean
  language?: string
}

/** A book whose chapters have been turned into text and vectors; nothing is behind them that plays. */
async function bookSaying(
  api: TestApi,
  chapters: readonly (readonly string[])[],
  { ownerId = randomUUID(), isPublic = false, language = 'en' }: BookOptions = {},
) {
  const media = await api.db
    .insertInto('media')
    .values({ sha256: randomUUID(), object_key: 'none', size_bytes: 1, duration_ms: 1, inspection: '{}' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const book = await api.db
    .insertInto('audiobooks')
    .values({ owner_id: ownerId, title: 'A book', author: 'Somebody', is_public: isPublic })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const [index, lines] of chapters.entries()) {
    const chapter = { audiobook_id: book.id, position: index + 1, title: `Chapter ${index + 1}` }
    const { id } = await api.db
      .insertInto('chapters')
      .values({ ...chapter, media_id: media.id, start_ms: 0, end_ms: 1, source: 'file' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await saySo(api.db, id, spoken(lines, language))
  }
  return book
}
