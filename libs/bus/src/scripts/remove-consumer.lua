-- Removes a consumer, unless entries are pending on it: XGROUP DELCONSUMER would drop them for good, and a count
-- read by an earlier command may be stale by now. The same goes for how long it has been idle.
-- KEYS: stream. ARGV: group, consumer, least idle time in ms. Returns 1 where it was removed.
if redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])[1] then
  return 0
end
local leastIdle = tonumber(ARGV[3])
if leastIdle > 0 then
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local fields = {}
    for i = 1, #consumer, 2 do
      fields[consumer[i]] = consumer[i + 1]
    end
    if fields.name == ARGV[2] and fields.idle < leastIdle then
      return 0
    end
  end
end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) == 0 and 1 or 0
