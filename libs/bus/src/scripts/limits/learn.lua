-- Makes a bucket as empty as the provider says it is: for so long, or down to so many tokens; never fuller.
-- ARGV: microseconds it stays empty (or -1), tokens left at most (or -1), interval, burst.
local empty_for, left, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local _, _, base = bucket(interval, burst)
if empty_for >= 0 then
  local known = tonumber(redis.call('HGET', STATE, 'empty_until')) or 0
  redis.call('HSET', STATE, 'empty_until', math.max(known, now + empty_for))
end
if left >= 0 then
  redis.call('HSET', STATE, 'taken_until', math.max(base, now + (burst - left) * interval))
end
redis.call('HSET', STATE, 'interval', interval, 'burst', burst)
keep(math.max(base, now + empty_for))
