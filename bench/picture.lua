-- The picture of the main job, drawn by usagelua itself: the figures are served
-- as a document, a report charts them, and the drawing is cut out of its page.
local cjson = require "cjson"
local paths = require "paths"
local program = require "program"
local shell = require "support.shell"
local statistics = require "statistics"
local style = require "usagelua.formats.html_style"

local picture = {}

-- What fits beside a bar.
local SHORT <const> = {
  usagelua = "usagelua", simdjson = "C++ simdjson", yajl = "C yajl", luasocket = "Lua cjson",
  python_json = "Python json", python_ijson = "Python ijson", node_fetch = "Node", curl_jq = "curl | jq",
}

local function rounded(value)
  return value >= 10 and math.floor(value + 0.5) or math.floor(value * 10 + 0.5) / 10
end

local function rates_of(row)
  local list = {}
  for _, result in ipairs(row.results) do
    local name = SHORT[result.program.name]
    if name and not result.problem then
      local seconds = statistics.of(result.samples, "wall").median
      list[#list + 1] = { program = name, mb_per_s = rounded(row.mb / seconds) }
    end
  end
  return list
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- The page's rules that a drawing knows: colours, and what is said of svg.
local function style_of_drawing()
  local rules = {}
  for line in style:gmatch "[^\n]+" do
    if line:find "^svg" or line:find "^%.[cl]%d" then rules[#rules + 1] = line end
  end
  local colours = style:match "^(.-)%* { box%-sizing"
  return colours .. table.concat(rules, "\n")
    .. "\nsvg { background: var(--paper); font-family: system-ui, sans-serif; }\n"
end

local function draw(url, page)
  local drawn = program.usagelua("picture", { paths.reports .. "/picture.lua", "-o", "html=" .. page, "-q" },
    { USAGELUA_PLAIN_URL = url .. "/plain" })
  assert(os.execute(shell.words(program.words(drawn)) .. " >/dev/null"), "the picture was not drawn")
end

local CAPTION_HEIGHT <const> = 30

-- The drawing with its caption above it, as a file of its own.
local function standing_alone(head, body, caption)
  local width, height = head:match 'viewBox="0 0 (%d+) ([%d.]+)"'
  head = head:gsub('viewBox="[^"]*"', ('viewBox="0 %d %s %s"'):format(-CAPTION_HEIGHT, width,
    height + CAPTION_HEIGHT))
  local opening = '<svg xmlns="http://www.w3.org/2000/svg"%s>\n<style>\n%s</style>\n'
  return opening:format(head, style_of_drawing())
    .. ('<text x="8" y="%d" style="font-weight: 600">%s</text>\n'):format(8 - CAPTION_HEIGHT // 2, caption)
    .. body .. "</svg>\n"
end

---Draws the rates of a row of the main job.
---@param row bench.measurement with its results
---@param url string of the server
---@param path string
function picture.write(row, url, path)
  write(paths.documents .. "/figures.json", cjson.encode { rows = rates_of(row) })
  local page = paths.build .. "/picture.html"
  draw(url, page)
  local head, body = assert(read(page):match "<svg([^>]*)>(.-)</svg>")
  local caption = ("%s: MB per second, start-up included"):format(row.title)
  write(path, standing_alone(head, body, caption))
end

return picture
