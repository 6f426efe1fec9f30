export { openObjectIn } from './open-object.ts'
export type { ObjectStorage, StoredObject } from './port.ts'
export { type SignedPath, signPath, verifySignedPath } from './signed-path.ts'
export { MEDIA_PATH, storageConfig, storageFrom, storageUrl } from './storage-from.ts'
