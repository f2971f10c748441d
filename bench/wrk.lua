-- Sends the requests of a file in turn, and prints what was measured as JSON.
-- Arguments: the file, with one path in each line; or one body in each line, with the path for POST and a token.

local requests, turn = {}, 0

function init(args)
  local file, path, token = args[1], args[2], args[3]
  local headers = { ["Content-Type"] = "application/json" }
  if token and token ~= "" then headers["Authorization"] = "Bearer " .. token end
  for line in io.lines(file) do
    requests[#requests + 1] = path and wrk.format("POST", path, headers, line) or wrk.format("GET", line)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
