import { expect, it } from 'vitest'
import { configVariables } from './config-variables.ts'

const PATH = 'services/a/src/main.ts'
const main = (text: string) => ({ path: PATH, text })

it('finds what a loadConfig reads', () => {
  const found = configVariables([
    main('const config = loadConfig({ DATABASE_URL: secret, PORT: z.coerce.number().default(8080) })'),
  ])

  expect(found).toEqual(new Map([[PATH, ['DATABASE_URL', 'PORT']]]))
})

it('follows shapes that are named or spread in it, over files and over each other', () => {
  const b = { path: 'libs/b/src/b.ts', text: 'export const bConfig = { ...cConfig, B: secret } as const' }
  const c = { path: 'libs/c/src/c.ts', text: 'export const cConfig = { C: secret, B: z.string() }' }

  expect(configVariables([main('loadConfig({ ...bConfig, A: secret })'), b, c]).get(PATH)).toEqual([
    'C',
    'B',
    'A',
  ])
  expect(configVariables([main('loadConfig(cConfig)'), c]).get(PATH)).toEqual(['C', 'B'])
})

it('refuses a shape that it can not see', () => {
  expect(() => configVariables([main('loadConfig({ ...goneConfig })')])).toThrow('goneConfig')
})

it('reads no comments, and nothing that is not called like a variable', () => {
  const text = '// loadConfig({ ...goneConfig })\nconst plainConfig = { port: 1 }; loadConfig(plainConfig)'

  expect(configVariables([main(text)]).get(PATH)).toEqual([])
})
