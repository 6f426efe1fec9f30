-- Says that these runs still go on, as far as they have their slots still: whoever says it does not know which were
-- released meanwhile.
-- KEYS: holders. ARGV: lease in microseconds, "job:fence" of each run.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[i]) end
redis.call('EXPIRE', KEYS[1], 7200)
