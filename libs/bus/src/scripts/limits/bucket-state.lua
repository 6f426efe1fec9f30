-- How a bucket stands. ARGV: a job, or ''. Returns {tokens, microseconds to the next one, jobs in the line,
-- microseconds until that job was told to come (or -1), interval, burst}, or {} where nothing was ever taken.
local known = redis.call('HMGET', STATE, 'interval', 'burst')
local interval, burst = tonumber(known[1]), tonumber(known[2])
if not interval then return {} end
local first, tokens = bucket(interval, burst)
local due = tonumber(redis.call('ZSCORE', DUE, ARGV[1]))
return { tokens, math.max(first - now, 0), redis.call('ZCARD', LINE), due and math.max(due - now, 0) or -1, interval, burst }
