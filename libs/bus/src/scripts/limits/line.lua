-- Who waits for a limit, and in which order: put before the scripts that ask, so it only defines names.
-- KEYS[1] state of the limit, [2] the line: job ids by place, [3] job ids by the time they were told to come back,
-- [4] the last place of each flow (an owner's jobs of one lane). Times are microseconds by this server's clock.
local STATE, LINE, DUE, FLOWS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
-- A job is expected for so long after its time: what it waited for is kept from those who come new.
local EXPECTED = 5000000
-- For so long it goes before those who stand behind it and are here already.
local PUNCTUAL = 500000
-- One that has not come for so long is gone.
local FORGOTTEN = 3600000000
-- Keys that nobody touches outlive the last job's time by this many seconds.
local KEPT = 7200

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- How many should be on their way now, or will be by then.
local function expected(by)
  return redis.call('ZCOUNT', DUE, now - EXPECTED, by)
end

-- The job's rank in the line, which it enters where it is not in it. Fair queueing: a flow's next job stands 1/weight
-- behind its last one, and a flow that comes new behind whoever was served last, not behind all that others have waiting.
local function enter(job, flow, weight)
  if not redis.call('ZSCORE', LINE, job) then
    local served = tonumber(redis.call('HGET', STATE, 'served')) or 0
    local last = tonumber(redis.call('HGET', FLOWS, flow)) or 0
    local place = math.max(served, last) + 1 / weight
    redis.call('HSET', FLOWS, flow, place)
    redis.call('ZADD', LINE, place, job)
  end
  return redis.call('ZRANK', LINE, job)
end

-- Whether there is something for a job whose time has come, once those had theirs who stand before it and are just
-- coming. Looks at the first few: where more are late, nothing is on time anyway.
local function is_turn_of(job, units)
  local rank = redis.call('ZRANK', LINE, job)
  local coming = 0
  if rank > 0 then
    for _, other in ipairs(redis.call('ZRANGE', LINE, 0, math.min(rank, 64) - 1)) do
      local due = tonumber(redis.call('ZSCORE', DUE, other))
      if due <= now and due >= now - PUNCTUAL then coming = coming + 1 end
    end
  end
  return units > coming
end

local function drop(job)
  redis.call('ZREM', LINE, job)
  redis.call('ZREM', DUE, job)
end

-- Out of the line, served. Returns the place it had, or ''.
local function leave(job, flow)
  local place = redis.call('ZSCORE', LINE, job)
  if not place then return '' end
  drop(job)
  if redis.call('EXISTS', LINE) == 0 then
    redis.call('DEL', FLOWS)
    redis.call('HDEL', STATE, 'served')
    return place
  end
  local served = tonumber(redis.call('HGET', STATE, 'served')) or 0
  if tonumber(place) > served then
    served = tonumber(place)
    redis.call('HSET', STATE, 'served', place)
  end
  -- It would begin behind whoever was served last anyway; lines that are never empty would remember every owner.
  if (tonumber(redis.call('HGET', FLOWS, flow)) or 0) <= served then redis.call('HDEL', FLOWS, flow) end
  return place
end

local function forget_the_gone()
  for _, job in ipairs(redis.call('ZRANGEBYSCORE', DUE, '-inf', now - FORGOTTEN, 'LIMIT', 0, 100)) do drop(job) end
end

-- Every key goes by itself once nobody has needed it for a while after `by` and after the last job's time.
local function keep(by)
  local last = tonumber(redis.call('ZRANGE', DUE, -1, -1, 'WITHSCORES')[2]) or now
  local seconds = math.ceil((math.max(last, by, now) - now) / 1000000) + KEPT
  for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, seconds) end
end
