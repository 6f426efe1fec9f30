-- Lets the lease of this consumer's entries run out at once, so that the next take-over has them. Unlike one that was
-- handed back, such an entry keeps its id, by which whoever takes it over knows the run that it is from.
-- KEYS: stream. ARGV: group, consumer, the lease in ms, entry ids. Returns how many were let go.
local released = 0
for i = 4, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if pending and pending[2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'JUSTID')
    released = released + 1
  end
end
return released
