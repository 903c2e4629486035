-- A chart as an inline SVG drawing: axes with round ticks and units, bars or
-- lines, and a title on each mark for those who cannot see it. Colours come from
-- the page's style, so that they suit dark and light; nothing is fetched or run.

local cell = require "usagelua.formats.cell"
local figures = require "usagelua.report.figures"
local markup = require "usagelua.formats.markup"
local number = require "usagelua.report.number"
local safe = require "usagelua.formats.safe"
local scale = require "usagelua.formats.scale"
local series = require "usagelua.report.series"

local svg_chart = {}

-- In units of the drawing, which is scaled to the page's width.
local WIDTH <const> = 640
local LABEL_WIDTH <const> = 150
local VALUE_WIDTH <const> = 84
local ROW_HEIGHT <const> = 28
local BAR_HEIGHT <const> = 18
local AXIS_HEIGHT <const> = 26
local PLOT_HEIGHT <const> = 220
local TICK_WIDTH <const> = 64
local MARGIN <const> = 12
local LABEL_CHARACTERS <const> = 16
-- A character of a label, in the largest size that the style gives it.
local CHARACTER_WIDTH <const> = 9
local TICKS <const> = 5

---Colours that the style names; further series begin anew.
svg_chart.COLOURS = 8

local function coordinate(value)
  return (("%.1f"):format(value):gsub("[^0-9-]+", "."):gsub("%.0$", ""))
end

local function shortened(text)
  text = safe.shown(text)
  local stop = utf8.offset(text, LABEL_CHARACTERS + 1)
  return stop and #text >= stop and text:sub(1, stop - 1) .. "…" or text
end

local function text_at(x, y, anchor, text, class)
  return ('<text x="%s" y="%s" text-anchor="%s"%s>%s</text>'):format(coordinate(x), coordinate(y),
    anchor, class and (' class="%s"'):format(class) or "", markup.text(text))
end

local function line_from(x1, y1, x2, y2, class)
  return ('<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>'):format(coordinate(x1),
    coordinate(y1), coordinate(x2), coordinate(y2), class)
end

local function with_title(shape, title)
  return shape:gsub("/>$", (">%s</%s>"):format(
    ("<title>%s</title>"):format(markup.text(title)):gsub("%%", "%%%%"), shape:match "^<(%a+)"))
end

local function colour(place)
  return ("c%d"):format((place - 1) % svg_chart.COLOURS + 1)
end

local function told(label, name, value, state)
  local words = name and ("%s, %s"):format(label, name) or label
  return ("%s: %s"):format(words, cell.text(value, state))
end

-- Bars, also stacked -------------------------------------------------------

local function bar_x(value, most)
  return LABEL_WIDTH + value / most * (WIDTH - LABEL_WIDTH - VALUE_WIDTH)
end

local function bar_axis(parts, most, ticks, height)
  for _, tick in ipairs(ticks) do
    local x = bar_x(tick, most)
    parts[#parts + 1] = line_from(x, 0, x, height, "grid")
    parts[#parts + 1] = text_at(x, height + 18, "middle", number.grouped(tick), "tick")
  end
end

local function segment(from, to, y, place, state, title, most)
  local x = bar_x(from, most)
  local shape = ('<rect x="%s" y="%s" width="%s" height="%d" class="%s%s"/>'):format(coordinate(x),
    coordinate(y), coordinate(bar_x(to, most) - x), BAR_HEIGHT, colour(place),
    state and " partly" or "")
  return (with_title(shape, title))
end

local function bar_row(parts, data, at, y, most)
  local from, label = 0, data.labels[at]
  for place, one in ipairs(data.series) do
    local point = one.points[at]
    if point and (point.value or 0) > 0 then
      parts[#parts + 1] = segment(from, from + point.value, y, place, point.state,
        told(label, one.name, point.value, point.state), most)
      from = from + point.value
    end
  end
  local sum, state = series.stacked(data, at)
  parts[#parts + 1] = text_at(bar_x(from, most) + 6, y + 14, "start", cell.text(sum, state), "value")
end

local function is_negative(data)
  for _, one in ipairs(data.series) do
    for at = 1, #data.labels do
      local point = one.points[at]
      if point and (point.value or 0) < 0 then return true end
    end
  end
  return false
end

local function draw_bars(data)
  local ticks = scale.ticks(series.greatest(data), TICKS)
  local most, parts = ticks[#ticks], {}
  local height = #data.labels * ROW_HEIGHT
  bar_axis(parts, most, ticks, height)
  for at, label in ipairs(data.labels) do
    local y = (at - 1) * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2
    parts[#parts + 1] = text_at(LABEL_WIDTH - 8, y + 14, "end", shortened(label), "label")
    bar_row(parts, data, at, y, most)
  end
  parts[#parts + 1] = line_from(LABEL_WIDTH, 0, LABEL_WIDTH, height, "axis")
  return parts, height + AXIS_HEIGHT
end

-- Lines --------------------------------------------------------------------

local function line_x(at, count)
  local width = WIDTH - TICK_WIDTH - 2 * MARGIN
  if count == 1 then return TICK_WIDTH + MARGIN + width / 2 end
  return TICK_WIDTH + MARGIN + (at - 1) / (count - 1) * width
end

local function line_y(value, most)
  return MARGIN + (1 - value / most) * PLOT_HEIGHT
end

-- The outermost labels stay within the drawing.
local function anchor_of(at, count)
  if count == 1 then return "middle" end
  return at == 1 and "start" or at == count and "end" or "middle"
end

-- Every how many labels one is written, so that none runs into the next.
local function label_step(labels)
  local longest = 1
  for _, label in ipairs(labels) do longest = math.max(longest, utf8.len(shortened(label))) end
  local places = (WIDTH - TICK_WIDTH) // ((longest + 2) * CHARACTER_WIDTH)
  return math.max(1, math.ceil(#labels / math.max(2, places)))
end

local function line_axes(parts, data, ticks)
  local most, count = ticks[#ticks], #data.labels
  for _, tick in ipairs(ticks) do
    local y = line_y(tick, most)
    parts[#parts + 1] = line_from(TICK_WIDTH, y, WIDTH - MARGIN, y, tick == 0 and "axis" or "grid")
    parts[#parts + 1] = text_at(TICK_WIDTH - 8, y + 4, "end", number.grouped(tick), "tick")
  end
  local step = label_step(data.labels)
  for at = 1, count, step do
    parts[#parts + 1] = text_at(line_x(at, count), MARGIN + PLOT_HEIGHT + 20, anchor_of(at, count),
      shortened(data.labels[at]), "tick")
  end
end

-- Runs of neighbours that are known: a gap is left open, never bridged.
local function runs_of(one, count)
  local runs, run = {}, nil
  for at = 1, count do
    local point = one.points[at]
    if point and point.value then
      if not run then
        run = {}
        runs[#runs + 1] = run
      end
      run[#run + 1] = at
    else
      run = nil
    end
  end
  return runs
end

local function polyline(one, run, count, most, place)
  local points = {}
  for i, at in ipairs(run) do
    points[i] = ("%s,%s"):format(coordinate(line_x(at, count)),
      coordinate(line_y(one.points[at].value, most)))
  end
  return ('<polyline points="%s" class="line l%s"/>'):format(table.concat(points, " "),
    colour(place):sub(2))
end

local function dots(parts, data, one, place, most)
  for at, label in ipairs(data.labels) do
    local point = one.points[at]
    if point and point.value then
      local shape = ('<circle cx="%s" cy="%s" r="3.5" class="%s%s"/>'):format(
        coordinate(line_x(at, #data.labels)), coordinate(line_y(point.value, most)), colour(place),
        point.state and " partly" or "")
      parts[#parts + 1] = (with_title(shape, told(label, one.name, point.value, point.state)))
    end
  end
end

-- What is unknown stands as a sign on the axis, not as a value of zero.
local function unknowns(parts, data)
  for at = 1, #data.labels do
    for _, one in ipairs(data.series) do
      local point = one.points[at]
      if point and point.value == nil and point.state then
        parts[#parts + 1] = text_at(line_x(at, #data.labels), MARGIN + PLOT_HEIGHT - 4, "middle",
          cell.text(nil, point.state), "value")
        break
      end
    end
  end
end

local function draw_lines(data)
  local parts, ticks = {}, scale.ticks(data.most, TICKS)
  local most = ticks[#ticks]
  line_axes(parts, data, ticks)
  for place, one in ipairs(data.series) do
    for _, run in ipairs(runs_of(one, #data.labels)) do
      if #run > 1 then parts[#parts + 1] = polyline(one, run, #data.labels, most, place) end
    end
    dots(parts, data, one, place, most)
  end
  unknowns(parts, data)
  return parts, MARGIN + PLOT_HEIGHT + AXIS_HEIGHT
end

-- A whole drawing ----------------------------------------------------------

local DRAW <const> = { bar = draw_bars, stacked = draw_bars, line = draw_lines }

local function title_of(section, data)
  local over = ("%s by %s"):format(cell.heading(data.column), section.x)
  if section.by then over = ("%s and %s"):format(over, section.by) end
  return section.title and ("%s: %s"):format(section.title, over) or over
end

-- Rows of a bar chart may share a label; each is a bar of its own.
local function rows_as_bars(section)
  local data = { labels = {}, series = { { points = {} } }, most = 0 }
  for index, row in ipairs(section.result.rows) do
    local value, state = figures.at(section.result, index, section.y)
    data.labels[index] = row[section.x] == nil and "–" or tostring(row[section.x])
    data.series[1].points[index] = { value = value, state = state }
  end
  data.column = figures.column(section.result, section.y)
  return data
end

---@param section usagelua.evaluated_section a chart with rows
---@param id string of the drawing's title within the page
---@return string? svg nil where figures below zero have no place in it
---@return usagelua.chart_data
function svg_chart.draw(section, id)
  local data = section.chart == "bar" and rows_as_bars(section) or series.of(section)
  if is_negative(data) then return nil, data end
  local parts, height = DRAW[section.chart](data)
  local head = ('<svg viewBox="0 0 %d %s" role="img" aria-labelledby="%s">'):format(WIDTH,
    coordinate(height), id)
  local title = ('<title id="%s">%s</title>'):format(id, markup.text(title_of(section, data)))
  return ("%s%s\n%s\n</svg>"):format(head, title, table.concat(parts, "\n")), data
end

---The class of a series' colour.
svg_chart.colour = colour

return svg_chart
