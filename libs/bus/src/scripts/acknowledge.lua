-- Acknowledges and deletes those entries that are still this consumer's; an entry that somebody took over stays.
-- KEYS: stream. ARGV: group, consumer, entry ids. Returns how many were its own.
local own = 0
for i = 3, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if pending and pending[2] == ARGV[2] then
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
    redis.call('XDEL', KEYS[1], ARGV[i])
    own = own + 1
  end
end
return own
