-- Who in the line of a bucket could come earlier than it was told, because others left or the rate was raised: they
-- are told anew. ARGV: how many to look at, then jobs that are gone. Returns job, microseconds to wait, and so on.
for i = 2, #ARGV do drop(ARGV[i]) end
local known = redis.call('HMGET', STATE, 'interval', 'burst')
local interval, burst = tonumber(known[1]), tonumber(known[2])
if not interval then return {} end
local first = bucket(interval, burst)
local earlier = {}
for i, job in ipairs(redis.call('ZRANGE', LINE, 0, ARGV[1] - 1)) do
  local at = math.max(first + (i - 1) * interval, now)
  -- A second is not worth an update.
  if tonumber(redis.call('ZSCORE', DUE, job)) > at + 1000000 then
    redis.call('ZADD', DUE, at, job)
    earlier[#earlier + 1] = job
    earlier[#earlier + 1] = at - now
  end
end
return earlier
