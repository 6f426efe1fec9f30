import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startFaultyProxy } from './faulty-proxy.ts'

/** A server that answers every line with the same line, and remembers what it heard. */
async function echo() {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard.push(String(chunk))
      socket.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await startFaultyProxy((server.address() as AddressInfo).port)
  return {
    heard,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function client(port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  const came: string[] = []
  socket.on('data', (chunk) => came.push(String(chunk)))
  socket.on('error', (error: NodeJS.ErrnoException) => came.push(error.code ?? ''))
  return {
    socket,
    /** The next bytes that come, or how the connection ended. */
    async next() {
      while (came.length === 0) await turn()
      return came.shift()
    },
  }
}

it('passes bytes on, both ways', async () => {
  await using under = await echo()
  const { socket, next } = client(under.proxy.port)

  socket.write('hello')

  expect(await next()).toBe('hello')
  expect(under.proxy.connections).toBe(1)
})

it('loses the answer to one request that the server did get, and leaves the next ones alone', async () => {
  await using under = await echo()
  const [first, second] = [client(under.proxy.port), client(under.proxy.port)]
  const lost = under.proxy.loseAnswerTo('XADD')

  first.socket.write('xadd one')
  expect(await first.next()).toBe('ECONNRESET')
  await lost
  second.socket.write('xadd two')

  expect(await second.next()).toBe('xadd two')
  expect(under.heard).toEqual(['xadd one', 'xadd two'])
})

it('says nothing on a connection that has lost bytes, even when the network is well again', async () => {
  await using under = await echo()
  const [before, after] = [client(under.proxy.port), client(under.proxy.port)]
  under.proxy.set({ dropsAnswers: true })
  before.socket.write('one')
  while (under.proxy.droppedBytes < 3) await turn()

  under.proxy.heal()
  before.socket.write('two')
  after.socket.write('three')

  expect(await after.next()).toBe('three')
  while (under.heard.length < 3) await turn()
  expect(before.socket.bytesRead).toBe(0)
})

it('lets what clients send vanish, on the connections it is told to', async () => {
  await using under = await echo()
  const [replica, other] = [client(under.proxy.port), client(under.proxy.port)]
  replica.socket.write('PSYNC ? -1')
  await replica.next()
  under.proxy.set({ dropsRequests: true, only: 'psync' })

  replica.socket.write('lost')
  other.socket.write('heard')

  expect(await other.next()).toBe('heard')
  expect(under.heard).toEqual(['PSYNC ? -1', 'heard'])
})

it('keeps the order of what it delays, also when the delay grows shorter', async () => {
  await using under = await echo()
  const { socket } = client(under.proxy.port)
  const answers: string[] = []
  socket.on('data', (chunk) => answers.push(String(chunk)))
  under.proxy.set({ delayMs: 60 })
  socket.write('slow ')
  while (under.proxy.connections < 1) await turn()

  under.proxy.set({ delayMs: 5 })
  socket.write('quick')
  while (answers.join('').length < 10) await turn()

  expect(answers.join('')).toBe('slow quick')
})

it('cuts what is open, and refuses what comes, when told to', async () => {
  await using under = await echo()
  const open = client(under.proxy.port)
  while (under.proxy.connections < 1) await turn()

  under.proxy.cut()
  expect(await open.next()).toBe('ECONNRESET')
  under.proxy.set({ refuses: true })

  expect(await client(under.proxy.port).next()).toBe('ECONNRESET')
})
