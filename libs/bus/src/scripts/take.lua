-- One step of a consumer, in one round trip: acknowledges and deletes what it has finished, as far as that is still its
-- own, then reads what waits: each lane up to its quota, and what one lane leaves over from the others, highest first.
-- KEYS: the lanes' streams, highest first. ARGV: group, consumer, a quota for each lane, then for each lane the number
-- of finished entries and their ids, oldest first. Returns the number acknowledged, then the entries read of each lane.
local group, consumer, lanes = ARGV[1], ARGV[2], #KEYS

-- One look at what this consumer holds between the oldest and the newest; one by one only what that did not show.
local function owned(key, first, last)
  local held, own = {}, {}
  local range = redis.call('XPENDING', key, group, ARGV[first], ARGV[last], 2 * (last - first) + 16, consumer)
  for _, entry in ipairs(range) do held[entry[1]] = true end
  for i = first, last do
    local id = ARGV[i]
    if held[id] or redis.call('XPENDING', key, group, id, id, 1, consumer)[1] then own[#own + 1] = id end
  end
  return own
end

local acknowledged, at = 0, 3 + lanes
for lane = 1, lanes do
  local count = tonumber(ARGV[at])
  if count > 0 then
    local own = owned(KEYS[lane], at + 1, at + count)
    if #own > 0 then
      redis.call('XACK', KEYS[lane], group, unpack(own))
      redis.call('XDEL', KEYS[lane], unpack(own))
      acknowledged = acknowledged + #own
    end
  end
  at = at + 1 + count
end

local function read(lane, count)
  if count == 0 then return {} end
  local answer = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', KEYS[lane], '>')
  return answer and answer[1][2] or {}
end

local found, rest = { acknowledged }, 0
for lane = 1, lanes do
  local quota = tonumber(ARGV[2 + lane])
  found[1 + lane] = read(lane, quota)
  rest = rest + quota - #found[1 + lane]
end
for lane = 1, lanes do
  local quota = tonumber(ARGV[2 + lane])
  if rest > 0 and #found[1 + lane] == quota then
    local more = read(lane, rest)
    for _, entry in ipairs(more) do table.insert(found[1 + lane], entry) end
    rest = rest - #more
  end
end
return found
