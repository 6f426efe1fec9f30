-- Frees a run's slot, and those of holders that have died, and calls the next in the line.
-- ARGV: "job:fence" or '', then jobs that are gone from the line. Returns the jobs that are called to come now.
redis.call('ZREM', HOLDERS, ARGV[1])
for i = 2, #ARGV do drop(ARGV[i]) end
local most = tonumber(redis.call('HGET', STATE, 'most'))
if not most then return {} end
return call_next(free_slots(most))
