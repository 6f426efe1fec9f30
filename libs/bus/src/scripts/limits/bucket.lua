-- A bucket of tokens that refills at an even rate (GCRA); put after line.lua and before the scripts about tokens.
-- `first`: when the first token that is there came, or the next one will; after it one comes each interval.
-- `tokens`: how many are there now. `base`: where the bucket stands; a token taken adds one interval to it.
local function bucket(interval, burst)
  local tolerance = (burst - 1) * interval
  local state = redis.call('HMGET', STATE, 'taken_until', 'empty_until')
  local empty_until = tonumber(state[2])
  -- No bucket is emptier than empty: what is beyond was taken by a clock that was ahead, or at a lower rate.
  local taken_until = math.min(tonumber(state[1]) or 0, now + tolerance + interval)
  local base = math.max(taken_until, now, empty_until and empty_until + tolerance or 0)
  local first = base - tolerance
  local tokens = first > now and 0 or math.floor((now - first) / interval) + 1
  return first, tokens, base
end
