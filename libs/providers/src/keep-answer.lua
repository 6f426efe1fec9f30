-- Keeps an answer until it is out of date, and forgets the oldest where all together would be too large.
-- KEYS: the answer, the index of all answers by when they end, the bytes of all.
-- ARGV: the answer, its lifetime in ms, its bytes, the most bytes of all, the part of its key that is its own.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl, bytes, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local prefix = string.sub(KEYS[1], 1, -1 - #ARGV[5])

local function forget(member)
  local size, own = string.match(member, '^(%d+):(.*)$')
  redis.call('DEL', prefix .. own)
  redis.call('ZREM', KEYS[2], member)
  redis.call('DECRBY', KEYS[3], size)
end

for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do
  forget(member)
end
-- Whoever asked the same at the same time has kept an answer too: this one takes its place.
local other = redis.call('STRLEN', KEYS[1]) .. ':' .. ARGV[5]
if redis.call('ZSCORE', KEYS[2], other) then
  forget(other)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl)
if redis.call('ZADD', KEYS[2], now + ttl, bytes .. ':' .. ARGV[5]) == 1 then
  redis.call('INCRBY', KEYS[3], bytes)
end
while tonumber(redis.call('GET', KEYS[3]) or '0') > most do
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
  if not oldest then
    redis.call('DEL', KEYS[3])
    break
  end
  forget(oldest)
end
redis.call('PEXPIRE', KEYS[2], ttl)
redis.call('PEXPIRE', KEYS[3], ttl)
return redis.call('EXISTS', KEYS[1])
