-- One step of a consumer, in one round trip: acknowledges and deletes what it has finished, as far as that is still its
-- own, then reads what waits: each lane up to its quota, and what one lane leaves over from the others, highest first.
-- KEYS: the lanes' streams, highest first. ARGV: group, consumer, a quota for each lane, then for each lane the number
-- of finished entries and their ids. Returns the number acknowledged, then the entries read of each lane.
local group, consumer, lanes = ARGV[1], ARGV[2], #KEYS

local acknowledged, at = 0, 3 + lanes
for lane = 1, lanes do
  local own = {}
  for i = at + 1, at + tonumber(ARGV[at]) do
    local pending = redis.call('XPENDING', KEYS[lane], group, ARGV[i], ARGV[i], 1, consumer)
    if pending[1] then own[#own + 1] = ARGV[i] end
  end
  if #own > 0 then
    redis.call('XACK', KEYS[lane], group, unpack(own))
    redis.call('XDEL', KEYS[lane], unpack(own))
    acknowledged = acknowledged + #own
  end
  at = at + 1 + tonumber(ARGV[at])
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
