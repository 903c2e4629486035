-- TestMu AI, as its documentation says (vendors of usage figures, part one).
local testmu = { control = {} }

function testmu.answer()
  return { status = 404, body = [[{"status":"error","message":"not found"}]] }
end

return testmu
