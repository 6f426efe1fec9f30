import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Stored, Trouble, TusUpload, World } from './supabase-world.ts'
import { resumable, TUS } from './tus-server.ts'

export interface SupabaseServer extends World, AsyncDisposable {
  url: string
  /** Requests so far, as "METHOD /path". */
  requests: string[]
  /** Troubles for the next requests whose "METHOD /path" matches, in turn. */
  trouble(match: RegExp, ...troubles: Trouble[]): void
}

/**
 * A server that speaks Supabase Storage's wire format (supabase/storage 4fa61fb), its habit of answering 400
 * with the true status in the body included. For tests.
 */
export async function supabaseServer(): Promise<SupabaseServer> {
  const objects = new Map<string, Stored>()
  const uploads = new Map<string, TusUpload>()
  const troubles: { match: RegExp; trouble: Trouble }[] = []
  const requests: string[] = []
  const world: World = {
    serviceKey: 'sb_secret_for_tests',
    bucket: 'media',
    objects,
    uploads,
    pieces: [],
    onPiece: undefined,
    forgetBytes: false,
  }

  const server = createServer((req, res) => {
    const line = `${req.method} ${req.url}`
    requests.push(line)
    const at = troubles.findIndex(({ match }) => match.test(line))
    const trouble = at < 0 ? undefined : troubles.splice(at, 1)[0]?.trouble
    answer(world, req, res, trouble).catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(world, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    trouble: (match: RegExp, ...several: Trouble[]) =>
      void troubles.push(...several.map((trouble) => ({ match, trouble }))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

async function answer(
  world: World,
  req: IncomingMessage,
  res: ServerResponse,
  trouble?: Trouble,
): Promise<void> {
  if (trouble?.kind === 'hang-up') return void req.socket.destroy()
  if (trouble?.kind === 'silence') return
  if (trouble?.kind === 'refuse') {
    await buffer(req)
    const body = typeof trouble.body === 'string' ? trouble.body : JSON.stringify(trouble.body ?? {})
    return void res.writeHead(trouble.status, trouble.headers).end(body)
  }
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://x')
  const path = decodeURIComponent(pathname)
  if (path.startsWith(`/storage/v1/object/sign/${world.bucket}/`) && req.method === 'GET') {
    return readSigned(world, path, searchParams, res)
  }
  if (req.headers.authorization !== `Bearer ${world.serviceKey}`) return refuse(res, '403', 'AccessDenied')
  if (path.startsWith(TUS)) return await resumable(world, req, res, path, trouble)

  const [, kind, bucket, key = ''] =
    /^\/storage\/v1\/object\/(?:(sign|info|authenticated)\/)?([^/]+)(?:\/(.+))?$/.exec(path) ?? []
  if (bucket !== world.bucket) return refuse(res, '404', 'NoSuchBucket')
  const stored = world.objects.get(key)
  switch (`${req.method} ${kind ?? ''}`) {
    case 'POST ':
      return await store(world, key, req, res)
    case 'DELETE ':
      return await removeObjects(world, req, res)
    case 'POST sign':
      return stored ? await sign(path, req, res) : refuse(res, '404', 'NoSuchKey')
    case 'GET info':
      if (!stored) return refuse(res, '404', 'NoSuchKey')
      return json(res, { id: 'x', name: key, size: stored.bytes.length, content_type: stored.contentType })
    case 'GET authenticated':
      return stored ? readObject(stored, req, res, trouble) : refuse(res, '404', 'NoSuchKey')
    default:
      return refuse(res, '404', 'NoSuchRoute')
  }
}

async function removeObjects(world: World, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { prefixes } = JSON.parse((await buffer(req)).toString()) as { prefixes: string[] }
  if (prefixes.length < 1 || prefixes.length > 1000) return refuse(res, '400', 'InvalidRequest')
  const removed = prefixes.filter((name) => world.objects.delete(name))
  json(
    res,
    removed.map((name) => ({ name })),
  )
}

async function sign(path: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { expiresIn } = JSON.parse((await buffer(req)).toString())
  if (!(expiresIn >= 1)) return refuse(res, '400', 'InvalidRequest')
  json(res, { signedURL: `${path.slice('/storage/v1'.length)}?token=${tokenFor(path)}` })
}

async function store(world: World, key: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const stored = await uploaded(req)
  if (world.objects.has(key) && req.headers['x-upsert'] !== 'true')
    return refuse(res, '409', 'KeyAlreadyExists')
  world.objects.set(key, stored)
  json(res, { Id: 'x', Key: `${world.bucket}/${key}` })
}

/** The SDK sends a form whose one file has no name. */
async function uploaded(req: IncomingMessage): Promise<Stored> {
  const headers = { 'content-type': req.headers['content-type'] ?? '' }
  const form = await new Response(await buffer(req), { headers }).formData()
  const file = form.get('') as File
  return { bytes: Buffer.from(await file.arrayBuffer()), contentType: file.type }
}

function readObject(stored: Stored, req: IncomingMessage, res: ServerResponse, trouble?: Trouble): void {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '') ?? []
  const bytes = from === undefined ? stored.bytes : stored.bytes.subarray(Number(from), Number(to) + 1)
  res.writeHead(from === undefined ? 200 : 206, {
    'content-type': stored.contentType,
    'content-length': bytes.length,
  })
  if (trouble?.kind !== 'break-off' && trouble?.kind !== 'stall') return void res.end(bytes)
  res.write(bytes.subarray(0, trouble.afterBytes), () => {
    if (trouble.kind === 'break-off') res.destroy()
  })
}

function readSigned(world: World, path: string, query: URLSearchParams, res: ServerResponse): void {
  const stored = world.objects.get(path.slice(`/storage/v1/object/sign/${world.bucket}/`.length))
  if (!stored) refuse(res, '404', 'NoSuchKey')
  else if (query.get('token') !== tokenFor(path)) refuse(res, '400', 'InvalidJWT')
  else res.writeHead(200, { 'content-type': stored.contentType }).end(stored.bytes)
}

/** Stands in for a JWT that names the object. */
function tokenFor(path: string): string {
  return Buffer.from(path).toString('base64url')
}

function json(res: ServerResponse, body: unknown): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(res: ServerResponse, statusCode: string, code: string): void {
  const status = statusCode === '500' ? 500 : 400
  res
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ statusCode, error: code, code, message: `refused: ${code}` }))
}
