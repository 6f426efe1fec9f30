import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Trouble, TusUpload, World } from './supabase-world.ts'

export const TUS = '/storage/v1/upload/resumable'

/** The resumable half of Supabase Storage: tus 1.0 with creation, answering with real HTTP statuses. */
export async function resumable(
  world: World,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  trouble?: Trouble,
) {
  if (req.headers['tus-resumable'] !== '1.0.0') return void res.writeHead(412).end()
  if (req.method === 'POST') {
    const id = `upload-${world.uploads.size}`
    world.uploads.set(id, beginUpload(req))
    // As behind a proxy: another scheme, another host.
    return void res.writeHead(201, { location: `https://elsewhere.example${TUS}/${id}` }).end()
  }
  const upload = world.uploads.get(path.slice(TUS.length + 1))
  if (!upload) return void res.writeHead(404).end()
  if (req.method === 'HEAD') return void res.writeHead(200, { 'upload-offset': upload.received }).end()
  if (Number(req.headers['upload-offset']) !== upload.received) return void res.writeHead(409).end()
  await takePiece(world, upload, req, trouble)
  if (upload.received === upload.length) {
    world.objects.set(upload.key, { bytes: Buffer.concat(upload.chunks), contentType: upload.contentType })
  }
  res.writeHead(204, { 'upload-offset': upload.received }).end()
}

function beginUpload(req: IncomingMessage): TusUpload {
  const pairs = String(req.headers['upload-metadata']).split(',')
  const metadata = new Map(pairs.map((pair) => pair.split(' ') as [string, string]))
  const text = (name: string) => Buffer.from(metadata.get(name) ?? '', 'base64').toString()
  const length = Number(req.headers['upload-length'])
  return { key: text('objectName'), contentType: text('contentType'), length, received: 0, chunks: [] }
}

/** Keeps as many bytes as arrive, as tus asks. */
async function takePiece(
  world: World,
  upload: TusUpload,
  req: IncomingMessage,
  trouble?: Trouble,
): Promise<void> {
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    upload.received += chunk.length
    if (!world.forgetBytes) upload.chunks.push(chunk)
    if (trouble?.kind === 'break-off' && size >= trouble.afterBytes) throw new Error('broken off')
  }
  world.pieces.push(size)
  world.onPiece?.()
}
