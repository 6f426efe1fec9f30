/** QuickTime boxes that hold others, on the way to the list of where a track's data lies. */
const WAY_IN = ['moov', 'trak', 'mdia', 'minf', 'dinf']

/**
 * Takes a QuickTime file apart so that its header is left, saying that the data lies in another file of the same
 * folder (a data reference by Macintosh alias, as editing programs write them). The header must be the file's last box.
 */
export function withDataIn(file: Buffer, fileName: string): Buffer {
  const boxes = boxesOf(file)
  const kept = boxes.filter(({ type }) => type === 'ftyp' || type === 'moov')
  return Buffer.concat(kept.map(({ type, payload }) => box(type, rewritten(type, payload, fileName))))
}

function rewritten(type: string, payload: Buffer, fileName: string): Buffer {
  if (type === 'dref') return Buffer.concat([uint32(0), uint32(1), alias(fileName)])
  if (!WAY_IN.includes(type)) return payload
  return Buffer.concat(boxesOf(payload).map((it) => box(it.type, rewritten(it.type, it.payload, fileName))))
}

function boxesOf(bytes: Buffer): { type: string; payload: Buffer }[] {
  const boxes = []
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      payload: bytes.subarray(at + 8, at + size),
    })
    at += size
  }
  return boxes
}

const box = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([uint32(payload.length + 8), Buffer.from(type, 'latin1'), payload])

/** Where FFmpeg's mov_read_dref looks for the levels from the alias up, and from there down to its target. */
const LEVELS_AT = 134
const ALIAS_HEAD_BYTES = 154
const ABSOLUTE_PATH = 2
const LAST = 0xffff

function alias(fileName: string): Buffer {
  const head = Buffer.alloc(ALIAS_HEAD_BYTES)
  head.writeUInt16BE(1, LEVELS_AT)
  head.writeUInt16BE(1, LEVELS_AT + 2)
  // Records have even lengths.
  const path = Buffer.from(`${fileName.length % 2 === 0 ? '//' : '/'}${fileName}`)
  const record = Buffer.concat([uint16(ABSOLUTE_PATH), uint16(path.length), path])
  return box('alis', Buffer.concat([head, record, uint16(LAST), uint16(0)]))
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
