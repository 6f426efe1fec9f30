-- Puts a job back to where it stood in the line of a bucket, because what it wanted the token for was not to be had:
-- another of its limits made it wait, or the provider refused.
-- ARGV: job, place (or '': at the front), interval, burst, tokens it brings back, least microseconds it waits.
-- Returns the microseconds it waits.
local job, place, interval, burst = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local _, _, stood = bucket(interval, burst)
redis.call('HSET', STATE, 'interval', interval, 'burst', burst, 'taken_until', stood - ARGV[5] * interval)
local first = bucket(interval, burst)
redis.call('ZADD', LINE, place or tonumber(redis.call('HGET', STATE, 'served')) or 0, job)
local at = math.max(first + redis.call('ZRANK', LINE, job) * interval, now + ARGV[6])
redis.call('ZADD', DUE, at, job)
keep(at)
return at - now
