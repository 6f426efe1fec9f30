-- Removes a consumer, unless entries are pending on it: XGROUP DELCONSUMER would drop them for good, and a count
-- read by an earlier command may be stale by now.
-- KEYS: stream. ARGV: group, consumer. Returns 1 where it was removed.
if redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])[1] then
  return 0
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
