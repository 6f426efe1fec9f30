import { Secret } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { parseRevaiTag, revaiTag, revaiWebhookToken } from './revai-webhook.ts'

const JOB = 'b3bb189e-8bf9-4888-9912-ace4e6543002'

describe('revaiTag', () => {
  it('is read back as it was written', () => {
    expect(parseRevaiTag(revaiTag({ jobId: JOB, number: 2 }))).toEqual({ jobId: JOB, number: 2 })
  })

  it.each([undefined, null, '', 'scriptorium:1:1', `x scriptorium:${JOB}:1`, `scriptorium:${JOB}`])(
    'finds no job of ours in %j',
    (metadata) => {
      expect(parseRevaiTag(metadata)).toBeUndefined()
    },
  )
})

describe('revaiWebhookToken', () => {
  const SIGNING_SECRET = new Secret('a secret of the installation')

  it('is derived from the signing secret, and is not that secret', () => {
    const token = revaiWebhookToken({ SIGNING_SECRET }).reveal()

    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(token).toBe(revaiWebhookToken({ SIGNING_SECRET }).reveal())
    expect(token).not.toBe(revaiWebhookToken({ SIGNING_SECRET: new Secret('another') }).reveal())
  })

  it('is what was configured, where something was', () => {
    const token = revaiWebhookToken({ SIGNING_SECRET, REVAI_WEBHOOK_SECRET: new Secret('chosen by us') })

    expect(token.reveal()).toBe('chosen by us')
  })
})
