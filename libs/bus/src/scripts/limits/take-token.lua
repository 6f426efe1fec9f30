-- Takes a token, or tells the job when its own will be there, and keeps it for the job until a little after that time.
-- ARGV: job, flow, weight, interval, burst. Returns {1, the place it had in the line} or {0, microseconds to wait}.
local job, flow, weight, interval, burst = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
forget_the_gone()
local first, tokens, base = bucket(interval, burst)
local due = tonumber(redis.call('ZSCORE', DUE, job))

local granted = false
if tokens > 0 and due and due <= now then
  granted = is_turn_of(job, tokens)
elseif tokens > 0 then
  -- Not called: what is left over once those had theirs who come before the next token does.
  local others = expected(now + interval)
  if due and due <= now + interval then others = others - 1 end
  granted = tokens > others or tokens > enter(job, flow, weight)
end

redis.call('HSET', STATE, 'interval', interval, 'burst', burst)
if granted then
  redis.call('HSET', STATE, 'taken_until', base + interval)
  local place = leave(job, flow)
  keep(base)
  return { 1, place }
end
local at = first + enter(job, flow, weight) * interval
redis.call('ZADD', DUE, at, job)
keep(at)
return { 0, at - now }
