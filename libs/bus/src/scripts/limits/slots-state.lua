-- Who holds a key's slots. Returns {slots there are (or -1), jobs in the line, "job:fence", microseconds until its
-- lease ends, and so on}.
local state = { tonumber(redis.call('HGET', STATE, 'most')) or -1, redis.call('ZCARD', LINE) }
local holders = redis.call('ZRANGE', HOLDERS, now, '+inf', 'BYSCORE', 'WITHSCORES')
for i = 1, #holders, 2 do
  state[#state + 1] = holders[i]
  state[#state + 1] = tonumber(holders[i + 1]) - now
end
return state
