-- Adds events to a stream that keeps about the newest so many. One command for many, as with tickets.
-- KEYS: stream. ARGV: how many are kept, then the events.
for i = 2, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[i]) end
