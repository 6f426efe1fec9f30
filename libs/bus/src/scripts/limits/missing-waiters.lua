-- Who was told to come and has not come: gone, or never told, or waiting for a free worker. Asked by one process at a
-- time. ARGV: most to return, microseconds within which nobody else asks. Returns {1, jobs} or {0} where somebody did.
forget_the_gone()
local asked = tonumber(redis.call('HGET', STATE, 'reviewed')) or 0
-- Asked later than now: the clock was ahead.
if asked <= now and now < asked + ARGV[2] then return { 0 } end
redis.call('HSET', STATE, 'reviewed', now)
keep(now)
return { 1, redis.call('ZRANGEBYSCORE', DUE, '-inf', '(' .. string.format('%.0f', now - EXPECTED), 'LIMIT', 0, ARGV[1]) }
