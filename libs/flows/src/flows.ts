import { planAudiobook } from './audiobook.ts'
import { planClip } from './clip.ts'
import type { PlannedJob } from './planned-job.ts'

/** Every flow with a small example of its graph: ARCHITECTURE.md's chart is drawn from this. */
export const FLOWS: readonly { name: string; example: { title: string; jobs: readonly PlannedJob[] } }[] = [
  {
    name: 'audiobook',
    example: {
      title: 'an audiobook of two chapters',
      jobs: planAudiobook({
        audiobookId: 'book',
        ownerId: 'owner',
        chapters: [
          { id: 'chapter 1', mediaId: 'media' },
          { id: 'chapter 2', mediaId: 'media' },
        ],
      }),
    },
  },
  {
    name: 'clip',
    example: {
      title: 'a clip',
      jobs: planClip({ clipId: 'clip', ownerId: 'owner', url: 'https://example.org/clip' }),
    },
  },
]
