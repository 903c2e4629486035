-- Against C: secrets and transport.
return {
  { promise = "C1", says = "Base64 is found only where nothing stands before the key",
    file = "csrc/core/masker.c",
    find = "for (size_t before = 0; before < 3; before++) {",
    put = "for (size_t before = 0; before < 1; before++) {",
    caught_by = { "spec/mask_spec.lua" } },
  { promise = "C1", says = "Base64 for URLs is not found",
    file = "csrc/core/masker.c",
    find = [[
    add_base64(masker, &form, alphabets[1]);
]],
    put = "",
    caught_by = { "spec/mask_spec.lua" } },
  { promise = "C1", says = "percent escapes in small letters are not found",
    file = "csrc/core/escape.c",
    find = "if (c >= 'a' && c <= 'f') return c - 'a' + 10;", put = "",
    caught_by = { "spec/mask_spec.lua" } },
  { promise = "C1", says = "HTML entities are not found",
    file = "csrc/core/escape.c",
    find = "case '&': read_ampersand(b); break;", put = "case '&': (void)read_ampersand; break;",
    caught_by = { "spec/mask_spec.lua" } },
  { promise = "C1", says = "surrogate pairs of JSON are not found",
    file = "csrc/core/escape.c",
    find = "if (is_surrogate(unit, 0xd800))", put = "if (unit < 0 && is_surrogate(unit, 0xd800))",
    caught_by = { "spec/mask_spec.lua" } },
  { promise = "C1", says = "a flush lets a secret out in two pieces",
    file = "lua/usagelua/output.lua",
    find = "masked, rest = mask.piece(text)", put = [[masked, rest = mask.text(text), ""]],
    caught_by = { "spec/output_spec.lua" } },
  { promise = "C1", says = "print lets a secret out in two pieces",
    file = "lua/usagelua/cli/masked_io.lua",
    find = [[local masked, rest = core.mask.piece((rests[file] or "") .. text_of(...))]],
    put = [[local masked, rest = core.mask.text((rests[file] or "") .. text_of(...)), ""]],
    caught_by = { "spec/cli/script_spec.lua" } },
  { promise = "C1", says = "the ledger is not masked",
    file = "lua/usagelua/ledger/entry.lua",
    find = "local line = core.mask.text(json.encode(fields))", put = "local line = json.encode(fields)",
    caught_by = { "spec/ledger_spec.lua" } },
  { promise = "C1", says = "a cassette's URLs are not masked",
    file = "lua/usagelua/cassette/recorder.lua",
    find = "url = self.mask(request.url),", put = "url = request.url,",
    caught_by = { "spec/cassette_spec.lua" } },
  { promise = "C1", says = "a cassette's bodies are not masked",
    file = "lua/usagelua/cassette/recorder.lua",
    find = "return self.mask(body)", put = "return body",
    caught_by = { "spec/cassette_spec.lua" } },
  { promise = "C1", says = "a cassette keeps what a script put into an Authorization field",
    file = "lua/usagelua/cassette/recorder.lua",
    find = [[is_sensitive(pair[1]) and "***" or self.mask(pair[2])]], put = "self.mask(pair[2])",
    caught_by = { "spec/cassette_spec.lua" } },
  { promise = "C1", says = "the trace shows what a header field holds",
    file = "lua/usagelua/client/trace.lua",
    find = "quote(mask(header_text(header[1], header[2])))", put = "quote(header_text(header[1], header[2]))",
    caught_by = { "spec/client/trace_spec.lua" } },
  { promise = "C1", says = "a vendor's message is quoted unmasked",
    file = "lua/usagelua/client/refusal.lua",
    find = "excerpt.of(response:masked(said), MESSAGE)", put = "excerpt.of(said, MESSAGE)",
    caught_by = { "spec/client/refusal_spec.lua", "spec/client_spec.lua" } },
  { promise = "C1", says = "a key that no script names is not masked",
    file = "csrc/core/secret.c",
    find = [[
    ul_mask_add(L, value, strlen(value));
}]],
    put = [[
    (void)L;
}]],
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C1", says = "a key of seven characters is taken, and never masked",
    file = "csrc/core/secret.c",
    find = "#define SHORTEST 8  /* characters; what is shorter is a mistake */",
    put = "#define SHORTEST 7  /* characters; what is shorter is a mistake */",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C1", says = "a key with blanks around it is masked with them only",
    file = "csrc/core/mask.c",
    find = "if ((size_t)(end - bytes) < length) add(L, bytes, (size_t)(end - bytes));", put = "(void)end;",
    caught_by = { "spec/mask_spec.lua" } },
  { promise = "C1", says = "an HTML report is not masked in what it says of errors: files by save",
    file = "lua/usagelua/output.lua",
    find = "local ok, err = core.file.write_atomic(path, mask.text(text), mode)",
    put = "local ok, err = core.file.write_atomic(path, text, mode)",
    caught_by = { "spec/output_spec.lua" } },

  { promise = "C2", says = "a credential goes to any host",
    file = "csrc/transfer/authorization.c",
    find = "if (ul_secret_allows(secret, &exchange->origin)) return true;",
    put = "if (secret->bytes != NULL) return true;",
    caught_by = { "spec/transfer_spec.lua" }, only = "a credential" },
  { promise = "C2", says = "a credential goes to any port of its host",
    file = "csrc/base/origin.c",
    find = "return a->port != 0 && a->port == b->port &&", put = "return a->port != 0 &&",
    caught_by = { "spec/transfer_spec.lua", "spec/secret_spec.lua", "spec/origin_spec.lua" }, only = "a" },
  { promise = "C2", says = "a credential goes by http where it goes by https",
    file = "csrc/base/origin.c",
    find = "strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0;",
    put = "strcmp(a->host, b->host) == 0;",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C2", says = "a credential goes to hosts below its own",
    file = "csrc/base/origin.c",
    find = "strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0;",
    put = [[
strcmp(a->scheme, b->scheme) == 0 &&
         strlen(b->host) >= strlen(a->host) &&
         strcmp(a->host, b->host + strlen(b->host) - strlen(a->host)) == 0;]],
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C2", says = "a user name goes to any host",
    file = "csrc/transfer/authorization.c",
    find = "else if (may_go(secret, exchange, failure))", put = "else if (failure != NULL)",
    caught_by = { "spec/transfer_spec.lua", "spec/auth_spec.lua" } },
  { promise = "C2", says = "a built-in credential can be bound to another host",
    file = "csrc/core/secret.c",
    find = "if (!secret->is_built_in || ul_secret_allows(secret, origin)) return;",
    put = "if (origin != NULL || ul_secret_allows(secret, origin)) return;",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C2", says = "a built-in credential is free once it is bound to its own host",
    file = "csrc/core/secret.c",
    find = "bound->is_built_in = secret->is_built_in;", put = "",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C2", says = "a credential's file may be read as another's",
    file = "csrc/core/secret.c",
    find = "if (is_built_in_file(L, path, &same))",
    put = "if (path == NULL && is_built_in_file(L, path, &same))",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C2", says = "plain http goes to another machine",
    file = "csrc/base/origin.c",
    find = [[return strcmp(origin->scheme, "http") == 0 && ul_origin_is_loopback(origin);]],
    put = [[return strcmp(origin->scheme, "http") == 0;]],
    caught_by = { "spec/transfer_spec.lua", "spec/secret_spec.lua" }, only = "http" },
  { promise = "C2", says = "a name that begins with 127. is this machine",
    file = "csrc/base/origin.c",
    find = [[
  return strncmp(origin->host, "127.", 4) == 0 &&
         inet_pton(AF_INET, origin->host, &address) == 1;]],
    put = [[
  (void)address;
  return strncmp(origin->host, "127.", 4) == 0;]],
    caught_by = { "spec/origin_spec.lua" } },
  { promise = "C2", says = "a redirect to another host is followed",
    file = "lua/usagelua/client/redirect.lua",
    find = "if here ~= there then", put = "if here == nil then",
    caught_by = { "spec/client_spec.lua" } },
  { promise = "C2", says = "a fourth redirect is followed",
    file = "lua/usagelua/client/redirect.lua",
    find = "if hops > MOST then", put = "if hops > MOST + 1 then",
    caught_by = { "spec/client_spec.lua" } },
  { promise = "C2", says = "a POST is redirected",
    file = "lua/usagelua/client/redirect.lua",
    find = [[
if not is_get(request) then return refused(response, ", which is followed for GET only") end]],
    put = "",
    caught_by = { "spec/client_spec.lua" } },
  { promise = "C2", says = "libcurl follows redirects by itself",
    file = "csrc/transfer/easy.c",
    find = "{CURLOPT_FOLLOWLOCATION, 0},", put = "{CURLOPT_FOLLOWLOCATION, 1},",
    caught_by = { "spec/transfer_spec.lua" }, only = "an answer" },
  { promise = "C2", says = "a link to the next page at another host is followed",
    file = "lua/usagelua/flow/pages/following.lua",
    find = "if here ~= there then", put = "if here == nil then",
    caught_by = { "spec/flow/pages_spec.lua", "spec/flow/kinds_spec.lua" } },
  { promise = "C2", says = "a raw call goes where its URL says",
    file = "lua/usagelua/flow/raw.lua",
    find = [[
    if rest then return base_url, rest end
  end]],
    put = [[
    if rest then return base_url, rest end
    if host == "127.0.0.1" or host ~= "" then return path, "" end
  end]],
    caught_by = { "spec/flow/raw_spec.lua" } },
  { promise = "C2", says = "a raw call climbs out of its base URL",
    file = "lua/usagelua/flow/raw.lua",
    find = [[if segment == "." or segment == ".." then]], put = [[if segment == "." then]],
    caught_by = { "spec/flow/raw_spec.lua" } },
  { promise = "C2", says = "the dots of a raw call are looked for before they are decoded",
    file = "lua/usagelua/flow/raw.lua",
    find = [[local plain = url.decode(path:match "^[^?]*")]], put = [[local plain = path:match "^[^?]*"]],
    caught_by = { "spec/flow/raw_spec.lua" } },
  { promise = "C2", says = "the misprinted domain is a host like any other",
    file = "csrc/transfer/url.c",
    find = [[
  const char *problem = ul_misprint_of(origin);
]],
    put = [[
  const char *problem = origin == NULL ? ul_misprint_of(origin) : NULL;
]],
    caught_by = { "spec/browserstack_traps_spec.lua" }, only = "the misprinted domain" },
  { promise = "C2", says = "a file's host may bear a credential",
    file = "csrc/transfer/hosts.c",
    find = "return !has_auth ||", put = "return has_auth || !has_auth ||",
    caught_by = { "spec/hosts_spec.lua" } },
  { promise = "C2", says = "a vendor's file may lie on this machine's network",
    file = "csrc/transfer/reach.c",
    find = "return ul_address_is_public(address) ||",
    put = "return reach == UL_REACH_PUBLIC || ul_address_is_public(address) ||",
    caught_by = { "spec/hosts_spec.lua" } },

  { promise = "C3", says = "a secret shows itself as text",
    file = "csrc/core/secret.c",
    find = [[
  lua_pushliteral(L, "***");
  return 1;]],
    put = [[
  lua_pushstring(L, checksecret(L)->bytes);
  return 1;]],
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C3", says = "a secret's metatable can be had",
    file = "csrc/core/secret.c",
    find = [[
  lua_pushliteral(L, UL_SECRET_TYPE);
  lua_setfield(L, -2, "__metatable");
]],
    put = "",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C3", says = "children get the credentials",
    file = "lua/usagelua/cli/init.lua",
    find = "local holds_secrets = core.secret.capture()", put = "local holds_secrets = core == nil",
    caught_by = { "spec/interpreter_spec.lua", "spec/cli/script_spec.lua" }, only = "child" },
  { promise = "C3", says = "/proc still shows the credentials",
    file = "csrc/core/store.c",
    find = [[
  explicit_bzero(value, strlen(value));
  unsetenv(name);]],
    put = "  unsetenv(name);",
    caught_by = { "spec/secret_spec.lua", "spec/interpreter_spec.lua" }, only = "/proc" },
  { promise = "C3", says = "the variables of accounts stay where children see them",
    file = "csrc/base/credential.c",
    find = [[return name[length] == '\0' || strncmp(name + length, "__", 2) == 0;]],
    put = [[return name[length] == '\0';]],
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C3", says = "a key's value stands in the message about its name",
    file = "csrc/core/secret.c",
    find = [[
    ul_fail_raise(L, "usage", "a credential is named by an environment "
                  "variable (letters, digits and '_'), not by its value");]],
    put = [[
    ul_fail_raise(L, "usage", "'%s' is no environment variable, and a "
                  "credential is named by one, not by its value", name);]],
    caught_by = { "spec/secret_spec.lua" } },

  { promise = "C4", says = "certificates are not verified",
    file = "csrc/transfer/easy.c",
    find = "{CURLOPT_SSL_VERIFYPEER, 1},", put = "{CURLOPT_SSL_VERIFYPEER, 0},",
    caught_by = { "spec/transfer_spec.lua" }, only = "a connection" },
  { promise = "C4", says = "a certificate may be another host's",
    file = "csrc/transfer/easy.c",
    find = "{CURLOPT_SSL_VERIFYHOST, 2},", put = "{CURLOPT_SSL_VERIFYHOST, 0},",
    caught_by = { "spec/transfer_spec.lua" }, only = "a connection" },
  { promise = "C4", says = "TLS 1.1 will do",
    file = "csrc/transfer/easy.c",
    find = "{CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},",
    put = "{CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_0},",
    caught_by = { "spec/transfer_spec.lua" }, only = "a connection" },
  { promise = "C4", says = "a request to this machine goes through a proxy",
    file = "csrc/transfer/easy.c",
    find = [[
  if (ul_origin_is_loopback(&exchange->origin))
    SET(easy, CURLOPT_PROXY, "");]],
    put = [[
  if (exchange == NULL)
    SET(easy, CURLOPT_PROXY, "");]],
    caught_by = { "spec/transfer_spec.lua" }, only = "proxy" },
  { promise = "C4", says = "a proxy gets the vendor's credential",
    file = "csrc/transfer/easy.c",
    find = "{CURLOPT_HEADEROPT, CURLHEADER_SEPARATE},", put = "{CURLOPT_HEADEROPT, CURLHEADER_UNIFIED},",
    caught_by = { "spec/transfer_spec.lua" }, only = "proxy" },
  { promise = "C4", says = "netrc is read",
    file = "csrc/transfer/easy.c",
    find = "{CURLOPT_NETRC, CURL_NETRC_IGNORED},", put = "{CURLOPT_NETRC, CURL_NETRC_OPTIONAL},",
    caught_by = { "spec/transfer_spec.lua" }, only = "netrc" },
  { promise = "C4", says = "an authority file without a certificate is taken",
    file = "csrc/transfer/trust.c",
    find = "if (!holds_certificate(text->bytes + start))",
    put = "if (start == 0 && !holds_certificate(text->bytes + start))",
    caught_by = { "spec/transfer_spec.lua" }, only = "an engine" },

  { promise = "C5", says = "the first missing credential is told, not all",
    file = "lua/usagelua/vendor/credentials.lua",
    find = [[
    add_new(problems, seen, missing)
]],
    put = [[
    add_new(problems, seen, missing)
    if #problems > 0 then break end
]],
    caught_by = { "spec/vendor/credentials_spec.lua" } },
  { promise = "C5", says = "an empty variable is a credential",
    file = "csrc/core/secret.c",
    find = [[return value != NULL && *value != '\0';]], put = "return value != NULL;",
    caught_by = { "spec/secret_spec.lua" } },
  { promise = "C5", says = "a missing credential is found when it is needed",
    file = "lua/usagelua/vendor/credentials.lua",
    find = [[
  if #problems == 0 then return end
]],
    put = [[
  do return end
]],
    caught_by = { "spec/vendor/credentials_spec.lua" } },
  { promise = "C5", says = "a missing credential ends with status 1",
    file = "lua/usagelua/cli/failure.lua",
    find = "{ usage = 2, credential = 2 }", put = "{ usage = 2 }",
    caught_by = { "spec/testmu_spec.lua", "spec/workato_traps_spec.lua" }, only = "names the" },

  { promise = "C6", says = "core files are written",
    file = "csrc/interpreter/main.c",
    find = [[
  refuse_core_dumps();
]],
    put = [[
  (void)refuse_core_dumps;
]],
    caught_by = { "spec/hardening_spec.lua" } },
  { promise = "C6", says = "a secret is freed and not wiped",
    file = "csrc/core/secret.c",
    find = "if (bytes != NULL) explicit_bzero(bytes, length);", put = "(void)length;",
    caught_by = { "spec/secret_memory_spec.lua" } },
  { promise = "C6", says = "what libcurl frees is not wiped",
    file = "csrc/transfer/wiping.c",
    find = "CURL_GLOBAL_DEFAULT, allocate, free_wiped,", put = "CURL_GLOBAL_DEFAULT, allocate, free,",
    caught_by = { "spec/wiped_spec.lua" } },
  { promise = "C6", says = "a transfer that bore a key in its URL is used again",
    file = "csrc/transfer/multi.c",
    find = "!exchange->has_key_in_url);", put = "exchange != NULL);",
    caught_by = { "spec/wiped_spec.lua" } },
  { promise = "C6", says = "the pair for Basic is not wiped",
    file = "csrc/transfer/field.c",
    find = [[
    explicit_bzero(pair, pair_size);
]],
    put = "",
    caught_by = { "spec/secret_memory_spec.lua" } },
  { promise = "C6", says = "the line of a header field is freed and not wiped",
    file = "csrc/transfer/field.c",
    find = [[
  bool is_done = append(list, line);
  explicit_bzero(line, size);]],
    put = [[
  bool is_done = append(list, line);
  (void)size;]],
    caught_by = { "spec/secret_memory_spec.lua" } },
  { promise = "C6", says = "what was read of a key's file is not wiped",
    file = "csrc/core/keyfile.c",
    find = [[
  if (file->bytes != NULL) explicit_bzero(file->bytes, BYTES_MAX + 1);
]],
    put = "",
    caught_by = { "spec/secret_memory_spec.lua" } },
  { promise = "C6", says = "a form that holds a credential is not wiped",
    file = "csrc/transfer/upload.c",
    find = [[
  explicit_bzero(owned, upload->length);
]],
    put = "",
    caught_by = { "spec/secret_memory_spec.lua" } },
  { promise = "C6", says = "the pair of a form is not wiped",
    file = "csrc/transfer/upload.c",
    find = [[
  explicit_bzero(pair, size);
]],
    put = "",
    caught_by = { "spec/secret_memory_spec.lua" } },
}
