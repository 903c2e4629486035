local signed = require "usagelua.client.signed"

describe("signed.values", function()
  it("finds the signatures of presigned links, wherever these stand", function()
    for text, expected in pairs {
      ["https://b.s3.amazonaws.com/f?X-Amz-Date=2026&X-Amz-Signature=0a1b2c&x=1"] = { "0a1b2c" },
      ["https://a.blob.core.windows.net/f?sv=2024&sig=ab%2Bcd%3D&se=1"] = { "ab%2Bcd%3D", "ab+cd=" },
      ["</f?page=2&Signature=zz~-_1>; rel=\"next\""] = { "zz~-_1" },
      ['{"url":"https://s.test/f?sig=one\\u0026Key-Pair-Id=K","other":"/g?SIGNATURE=two"}'] = { "one", "two" },
      ["/f?x-amz-security-token=t1/t2&access_token=t3"] = { "t1/t2", "t3" },
    } do
      assert.same(expected, signed.values(text))
    end
  end)

  it("takes no other parameter for one, nor a token of a page", function()
    for _, text in ipairs { "", "=", "a=b", "/f?page_token=abc&cursor=d&design=e&x_sig_x=f", "sig=", "sig=***" } do
      assert.same({}, signed.values(text))
    end
  end)

  it("takes time in proportion to the text", function()
    local started = os.clock()
    assert.equal(0, #signed.values(("="):rep(200000) .. ("a"):rep(200000)))
    assert.is_true(os.clock() - started < 30) -- its square would take hours
  end)
end)

describe("signed.hidden", function()
  it("stars them and leaves all around them", function()
    assert.equal("/f?a=1&sig=***&b=2#Signature=***",
      signed.hidden "/f?a=1&sig=abc&b=2#Signature=abcdef")
    assert.equal("/f?a=1", signed.hidden "/f?a=1")
    assert.equal("/f?sig=***", signed.hidden(signed.hidden "/f?sig=abc"))
  end)
end)
