-- For wrk: Alertmanager's webhook, each request about another group. An alert fires, and is over again some hundred requests later, so that
-- what is open stays about as much.
local template, headers, folder, count, thread = "", {}, "", 0, 0
local threads = {}

function setup(one)
    one:set("number", #threads)
    table.insert(threads, one)
end

function init(arguments)
    local file = io.open(arguments[1])
    template = file:read("*a")
    file:close()
    headers["Content-Type"] = "application/json"
    if arguments[2] then headers["Authorization"] = "Bearer " .. arguments[2] end
    accepted, refused = 0, 0
end

local behind = 200

function request()
    count = count + 1
    local which, status, ends = count, "firing", "0001-01-01T00:00:00Z"
    if count % 2 == 0 and count > behind then
        which, status, ends = count - behind + 1, "resolved", "2026-11-21T19:02:11Z"
    end
    local name = number .. "x" .. which
    local body = template:gsub("NUMBER", name):gsub("STATUS", status):gsub("ENDS", ends)
    return wrk.format("POST", nil, headers, body)
end

function response(status)
    if status >= 200 and status < 300 then accepted = accepted + 1 else refused = refused + 1 end
end

function done(summary, latency)
    local accepted, refused = 0, 0
    for _, one in ipairs(threads) do
        accepted = accepted + one:get("accepted")
        refused = refused + one:get("refused")
    end
    local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format(
        '{"accepted": %d, "refused": %d, "errors": %d, "seconds": %.3f, "p50": %.6f, "p99": %.6f}\n',
        accepted, refused, errors, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6
    ))
end
