-- Slots that jobs hold while they run: put after line.lua and before the scripts about slots.
-- KEYS[5] holders: "job:fence" by the time the slot is free again should its holder say nothing more.
local HOLDERS = KEYS[5]

-- After those whose holders have died are freed.
local function free_slots(most)
  redis.call('ZREMRANGEBYSCORE', HOLDERS, '-inf', now)
  return most - redis.call('ZCARD', HOLDERS)
end

-- Tells the first in the line to come now, as many as there are slots for that nobody is on the way to.
local function call_next(free)
  local called = {}
  local coming = expected(now)
  if coming >= free then return called end
  for _, job in ipairs(redis.call('ZRANGE', LINE, 0, free + 31)) do
    if tonumber(redis.call('ZSCORE', DUE, job)) > now then
      redis.call('ZADD', DUE, now, job)
      called[#called + 1] = job
      coming = coming + 1
      if coming >= free then break end
    end
  end
  return called
end
