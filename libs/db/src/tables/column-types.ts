import type { ColumnType } from 'kysely'

/** Postgres sends bigint as text, so that none is rounded; lengths and sizes here stay far below 2^53. */
export type Bigint = ColumnType<string, number, number>
export type Timestamp = ColumnType<Date, Date | string, Date | string>
export type GeneratedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>
/** Set by the stamp_row trigger. */
export type RowVersion = ColumnType<string, never, never>
export type Json<T> = ColumnType<T, string, string>
