local link_header = require "usagelua.client.link_header"

describe("link_header.target", function()
  for text, target in pairs {
    ['<https://a.test/?page=2>; rel="next"'] = "https://a.test/?page=2",
    ["</u?page=2>;rel=next"] = "/u?page=2",
    ["<a>; rel=prev, <b>; rel=next, <c>; rel=last"] = "b",
    ['<a>; rel="last Next"'] = "a",
    ["<a,b;c>; REL = next ; title=x"] = "a,b;c",
    ['<a>; title="x, <b>; rel=\\"next\\""; rel=last, <c>; rel=next'] = "c",
    ["<a>; rel=last; rel=next, <b>; rel=next"] = "b",
    ['<a>; anchor="#x"; rel=next, <b>; rel=next'] = "b",
    ["<a>; rel=next; , <b>; rel=next"] = "a",
    [", ,<>; rel=next"] = "",
    ["<a>; crossorigin; title*=UTF-8''x%20y; rel=next"] = "a",
  } do
    it("finds the next one in " .. text, function()
      assert.are.same({ target }, { link_header.target(text, "next") })
    end)
  end

  for text, unread in pairs {
    [""] = false, ["<a>; rel=prev"] = false, ["<a>; rel=nextnext,"] = false, ["<a>"] = false,
    ["a; rel=next"] = "a; rel=next", ["<a; rel=next"] = "<a; rel=next",
    ["<a>; rel=prev, b"] = "b", ['<a>; title="open; rel=next'] = 'title="open; rel=next',
  } do
    it(("finds none in '%s'"):format(text), function()
      local target, rest = link_header.target(text, "next")
      assert.is_nil(target)
      assert.are.equal(unread, rest or false)
    end)
  end
end)
