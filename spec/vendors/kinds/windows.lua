-- Ranges of time, asked for in each form:
--   /window?from=&to=          as the setting `window` says
--   /epoch?from=&to=           the same, always seconds since the epoch
--   /parts?year=&month=&day=   a calendar month at UTC, or one day of it
-- { data, from, to }, the latter as sent.
local calendar = require "vendors.calendar"
local ledger = require "vendors.kinds.ledger"
local ordered_json = require "vendors.ordered_json"
local reply = require "vendors.kinds.reply"

local object = ordered_json.object

local windows = {}

local DAY_S = 86400

local function digits(text)
  return text:match "^%d+$" and tonumber(text)
end

local function with_ms(text)
  local wall, ms, zone = text:match "^(.*)%.(%d%d%d)([Z+-].*)$"
  local epoch = wall and calendar.parse_rfc3339(wall .. zone)
  return epoch and epoch + tonumber(ms) / 1000
end

local function without_ms(text)
  return not text:find(".", 1, true) and calendar.parse_rfc3339(text) or nil
end

local function date(text)
  return calendar.parse_wall_clock(text .. " 00:00:00")
end

-- How each format is read, and how long its smallest step is, in seconds.
local FORMATS = {
  date = { date, DAY_S }, wall = { calendar.parse_wall_clock, 1 }, rfc3339 = { without_ms, 1 },
  rfc3339ms = { with_ms, 0.001 }, epoch = { digits, 1 },
  epoch_ms = { function(text) return digits(text) and digits(text) / 1000 end, 0.001 },
}

local function range(args, window, format)
  local read, step = FORMATS[format][1], FORMATS[format][2]
  local from, to = read(args.from or ""), read(args.to or "")
  if not from or not to then return nil, "from and to are needed as " .. format end
  if window.ends == "inclusive" then to = to + step end
  if to <= from then return nil, "to is not after from" end
  if to - from > window.max_days * DAY_S then return nil, "the range is too long" end
  return from, to
end

local function window(fixed)
  return function(request)
    local kept, args = request.kept, request.args
    local from, to = range(args, kept.window, fixed or kept.window.format)
    if not from then return reply.failure(400, to) end
    return reply.json(200, object { { "data", reply.rows(ledger.between(kept, from, to)) },
      { "from", args.from }, { "to", args.to } }, request.quirks)
  end
end

local function parts_range(args)
  local year, month = digits(args.year or ""), digits(args.month or "")
  local day = args.day and digits(args.day)
  if not year or not month or args.day and not day then return nil end
  local from = calendar.epoch(year, month, day or 1, 0, 0, 0)
  if not from or day then return from, from and from + DAY_S end
  return from, calendar.epoch(month == 12 and year + 1 or year, month % 12 + 1, 1, 0, 0, 0)
end

local function parts(request)
  local from, to = parts_range(request.args)
  if not from then return reply.failure(400, "year and month are needed") end
  return reply.json(200, object { { "data",
    reply.rows(ledger.between(request.kept, from, to)) } }, request.quirks)
end

windows.routes = { window = window(), epoch = window "epoch", parts = parts }

return windows
