-- Puts this consumer's entries back at the end of the stream as undelivered, in one step: a waiting reader has
-- them at once, where an idle pending entry would wait for the next take-over scan.
-- KEYS: stream. ARGV: group, consumer, entry ids. Returns how many went back.
local back = 0
for i = 3, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  local entry = redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
  if pending and pending[2] == ARGV[2] and entry then
    redis.call('XADD', KEYS[1], '*', unpack(entry[2]))
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
    redis.call('XDEL', KEYS[1], ARGV[i])
    back = back + 1
  end
end
return back
