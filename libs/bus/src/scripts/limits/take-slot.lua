-- Takes one of a key's slots, or a place in the line for one. A slot that an earlier run of the same job still holds
-- is taken from it: that run is over, or a zombie.
-- ARGV: job, fence, flow, weight, most, lease, longest wait of the first in the line (microseconds both).
-- Returns {1, 0} or {0, microseconds to wait}, and the jobs that are called to come now.
local job, flow, weight, most, lease = ARGV[1], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
forget_the_gone()
local inherited = false
for _, holder in ipairs(redis.call('ZRANGE', HOLDERS, 0, -1)) do
  if string.sub(holder, 1, #job + 1) == job .. ':' then
    redis.call('ZREM', HOLDERS, holder)
    inherited = true
  end
end
-- Leases that end later are from a clock that was ahead.
for _, holder in ipairs(redis.call('ZRANGE', HOLDERS, '(' .. string.format('%.0f', now + lease), '+inf', 'BYSCORE')) do
  redis.call('ZADD', HOLDERS, now + lease, holder)
end
local free = free_slots(most)
redis.call('HSET', STATE, 'most', most)
local called = call_next(free)
local due = tonumber(redis.call('ZSCORE', DUE, job))

local granted = inherited
if free > 0 and due and due <= now then
  granted = granted or is_turn_of(job, free)
elseif free > 0 then
  granted = granted or free > expected(now) or free > enter(job, flow, weight)
end
if granted then
  redis.call('ZADD', HOLDERS, now + lease, job .. ':' .. ARGV[2])
  leave(job, flow)
  keep(now + lease)
  return { 1, 0, called }
end
-- Whoever stands further back is called later, and looks by itself less often.
local rank = enter(job, flow, weight)
local wait = math.min(math.floor(ARGV[7] * (1 + rank / most)), 600000000)
redis.call('ZADD', DUE, now + wait, job)
keep(now + wait)
return { 0, wait, called }
