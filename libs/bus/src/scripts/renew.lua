-- Renews the lease of those entries that are still this consumer's: a plain XCLAIM would silently steal back
-- what another worker has since taken over. JUSTID leaves the delivery count alone.
-- KEYS: stream. ARGV: group, consumer, entry ids. Returns per id 1 (renewed), 0 (no such entry), -1 (another's).
local states = {}
for i = 3, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if not pending then
    states[#states + 1] = 0
  elseif pending[2] ~= ARGV[2] then
    states[#states + 1] = -1
  else
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    states[#states + 1] = 1
  end
end
return states
