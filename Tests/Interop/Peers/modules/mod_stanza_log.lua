-- Writes every stanza that a client session sends or gets to a file, one JSON object a line: what the server saw.
module:set_global();

local filters = require "util.filters";
local json = require "util.json";
local now = require "util.time".now;

local file = assert(io.open(assert(module:get_option_string("stanza_log")), "a"));
file:setvbuf("line");

local function logger(direction)
	return function (stanza, session)
		local name = type(stanza) == "table" and stanza.name;
		if name == "message" or name == "presence" or name == "iq" then
			file:write(json.encode({
				at = now();
				direction = direction;
				session = session.full_jid or session.host or "?";
				kind = session.type or "?";
				xml = tostring(stanza);
			}), "\n");
		end
		return stanza;
	end
end

local into, out = logger("in"), logger("out");

local function attach(session)
	filters.add_filter(session, "stanzas/in", into, -10000);
	filters.add_filter(session, "stanzas/out", out, 10000);
end

filters.add_filter_hook(attach);

function module.unload()
	filters.remove_filter_hook(attach);
	file:close();
end
