-- Says that these runs still go on: their slots stay theirs, and are theirs again where Redis was emptied.
-- KEYS: holders. ARGV: lease in microseconds, "job:fence" of each run.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
redis.call('EXPIRE', KEYS[1], 7200)
