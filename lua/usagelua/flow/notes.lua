-- What people should know about the figures of a query because of how it was
-- asked: sentences of the dataset's description (`notes`) that its parameters
-- bring up.

local notes = {}

local function is_given(note, params)
  for _, name in ipairs(note.given) do
    if params[name] ~= nil then return true end
  end
  return false
end

local function is_held(note, params)
  for name, pattern in pairs(note.holds) do
    if params[name] ~= nil and tostring(params[name]):find(pattern) then return true end
  end
  return false
end

local function applies(note, params)
  if note.given and not is_given(note, params) then return false end
  return not note.holds or is_held(note, params)
end

---@param dataset table
---@param params table<string, any> of the query
---@return string[]
function notes.of(dataset, params)
  local list = {}
  for _, note in ipairs(dataset.notes or {}) do
    if applies(note, params) then list[#list + 1] = note[1] end
  end
  return list
end

---@param windows usagelua.window[]
---@return string?
function notes.of_cut(windows)
  if #windows < 2 or not windows[1].may_differ then return nil end
  return ("asked in %d parts, which may not add up to what one query of the whole period says")
    :format(#windows)
end

return notes
