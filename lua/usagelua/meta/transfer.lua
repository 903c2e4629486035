---@meta usagelua.transfer
-- The C module usagelua.transfer (csrc/transfer): HTTP transfers over libcurl, many at once.
-- Wrong types and closed handles raise; the world failing comes back as nil and a table.

---@class usagelua.transfer
local transfer = {}

---@class usagelua.transfer.error
---@field kind string a kind of usagelua.errors, or "sink": the reader refused the bytes
---@field message string
---@field hint string?
---@field code string? tells apart what the kind does not: dns connect refused tls tls_verification
--- lost reset broken protocol http2 (network, refused), connect first_byte stall (timeout), headers
--- length chunked gzip lost (cut), body_bytes header_bytes ratio (limit), gzip content_encoding
--- transfer_encoding (encoding), url loopback credential host address (refused), closed (cancelled)
---@field sent boolean? the request had gone out, wholly or in part

---@class usagelua.transfer.auth
---@field kind "basic"|"bearer"|"header"|"query"|"form"
---@field username (userdata|string)? basic: a secret, or plain text without colon
---@field password userdata? basic: a secret
---@field token userdata? bearer: a secret
---@field name string? header: the field's name; query, form: the parameter's
---@field prefix string? header: plain text before the value
---@field value userdata? header, query, form: a secret. In the query it takes the place of a
--- parameter of that name; a form is put behind the body, which is one from then on

---@class usagelua.transfer.request
---@field url string https, or http to this machine; no user name in it
---@field method string? default GET; upper case
---@field headers string[][]? list of { name, value }; not those the transfer writes itself
--- (Host, Content-Length, Accept-Encoding, Connection, ...)
---@field body string?
---@field auth usagelua.transfer.auth|usagelua.transfer.auth[]|nil
---@field hosts string[]? only these hosts, named as core.origin.pattern takes them, for what a
--- vendor's answer points to elsewhere: without auth, Authorization and Cookie, and to public
--- addresses only, checked on the URL and on each address before it is connected to
---@field base_url string? with hosts: the vendor's own; one on this machine lifts the check of
--- addresses, as test servers need it
---@field connect_s number? seconds until a connection stands (name, TCP, TLS), default 10
---@field first_byte_s number? seconds from the request sent to the final headers, default 120;
--- interim answers (1xx) do not prolong it
---@field stall_s number? seconds of one window, default 30
---@field stall_bytes integer? bytes a second that a window must bring, default 1024; windows in
--- which the reader holds the transfer back do not count
---@field max_body_bytes integer? of the decoded body, default 8 GiB
---@field max_header_bytes integer? of all header blocks together, default 262144
---@field buffer_bytes integer? held for a slow reader, then the transfer is paused; default 96 KiB,
--- and 512 KiB while a second thread reads (see exchange:feed)
---@field gzip boolean? ask for gzip, default true
---@field unpack boolean? a good answer (2xx) is a gzip file, and read unpacked
---@field http "1.1"|"2"|nil "1.1" offers no other; else HTTP/2 is offered over TLS

---@class usagelua.transfer.facts
---@field http "1.0"|"1.1"|"2"|nil
---@field connect_s number seconds until the connection stood, 0 where it was reused
---@field first_byte_s number seconds until the first byte of the answer
---@field total_s number seconds
---@field reused boolean the connection stood already
---@field sent boolean the request went out, wholly or in part
---@field header_bytes integer of all header blocks
---@field wire_bytes integer of the body as it came, still coded, without chunk framing
---@field body_bytes integer decoded and read so far
---@field framing "length"|"chunked"|"close"|"h2"|nil how the body's end is known (RFC 9112 6.3);
--- "close": by the connection's end only, so a cut body without gzip looks whole
---@field coding "gzip"|nil the body was coded so, and its check sum is right once it has ended

---@class usagelua.transfer.exchange: userdata
local exchange = {}

---HTTP status, or nil before the final headers are complete.
---@return integer?
function exchange:status() end

---Header fields by lower-case name, repeated ones joined by ", " (RFC 9110 5.3), or nil before
---they are complete.
---@return table<string, string>?
function exchange:headers() end

---The header fields as one string, for those who may never look: transfer.fields makes the table
---of it that headers() gives. nil before they are complete.
---@return string?
function exchange:fields() end

---The next piece of the decoded body (at most 128 KiB), or nil and why there is none. A failure
---comes at once, before what is still held, and stays.
---@return string? piece
---@return "wait"|"end"|usagelua.transfer.error|nil why
function exchange:read() end

---The same, and beside the last piece "end", where that is known already.
---@return string? piece
---@return "wait"|"end"|usagelua.transfer.error|nil why
function exchange:pull() end

---Gives at most 1 MiB (4 MiB to one that adds up, rounded up to a piece) of what is at hand, or
---comes meanwhile, to a reader that begins with ul_sink. Beyond the first MiB of a body that comes
---faster than it is read, a second thread reads while this one receives, if the process may run on
---two processors and no more than four exchanges are in flight; it ends with the call, and no Lua
---runs meanwhile. After "wait" the next step reports the exchange at once where more is at hand.
---@param sink userdata
---@return "wait"|"end"|nil state
---@return usagelua.transfer.error? err kind "sink": ask the reader
function exchange:feed(sink) end

---Whether nothing more comes: all that is to be read is here, or it has failed.
---@return boolean
function exchange:ended() end

---@return usagelua.transfer.facts
function exchange:facts() end

---Ends the transfer wherever it is; may be called again. Also by the collector and by `<close>`.
function exchange:close() end

---@class usagelua.transfer.series: userdata
local series = {}

---Opens what may be: as many as slots are free, from the first that is left. Before it is first
---called, after hold, and once something stands aside, nothing is opened.
function series:go_on() end

---Opens nothing before go_on; what is in flight goes on.
function series:hold() end

---Opens no more at all.
---@return integer place of the first that is not opened; one behind the last where there is none
function series:give_up() end

---Puts the answers that came into their places: those of status 2xx, whole and of a usual size.
---@param list table place -> { status, body, url, fields (for transfer.fields) }
---@param metatable table of each
---@return integer count
function series:take(list, metatable) end

---The next that is anything else, with its slot: whoever takes it gives that back.
---@return integer? place nil where nothing stands aside
---@return usagelua.transfer.exchange? exchange as far as it has come; nil where it was not opened
function series:aside() end

---A slot is free again.
function series:give_back() end

---@return boolean is_done all was opened and taken
function series:is_done() end

---Ends what is in flight; may be called again. Also by the collector and by `<close>`.
function series:close() end

---@class usagelua.transfer.engine: userdata
local engine = {}

---Checks and starts a request; the bytes move in step(). Refused before anything is connected:
---other schemes, http to another machine, user names, header injection, secrets that are not bound
---to exactly this scheme, host and port, hosts that `hosts` does not name.
---@param request usagelua.transfer.request
---@return usagelua.transfer.exchange? exchange held by the engine until it has ended
---@return usagelua.transfer.error? err kinds refused, usage, credential
function engine:open(request) end

---Lets out what was opened, where what it needs is at hand; else the next step does.
function engine:begin() end

---Many plain GETs of one host, so many in flight; each is checked as a request of its own when it
---is its turn.
---@param request usagelua.transfer.request the first of them; without header fields, auth and body
---@param urls string[]
---@param in_flight integer
---@return usagelua.transfer.series? series opens nothing yet
---@return usagelua.transfer.error? err as of open
function engine:series(request, urls, in_flight) end

---Moves bytes until an exchange changed, `wait_s` has passed, or a watched descriptor is readable.
---@param wait_s number? seconds, default 0
---@return (usagelua.transfer.exchange|usagelua.transfer.series)[] changed headers came, bytes came,
---or ended; a series has something to take
---@return boolean interrupted a watched descriptor is readable
function engine:step(wait_s) end

---Lets steps end when the open file descriptor is readable; at most 8.
---@param fd integer
function engine:watch(fd) end

---Lets the next step end at once.
function engine:wake() end

---Exchanges in flight, or ended and not yet handed out by a step.
---@return integer
function engine:active() end

---Ends every transfer (kind cancelled); may be called again.
function engine:close() end

---A set of transfers with connections of its own.
---@param options { ca_file: string?, max_connections: integer?, is_weak: boolean?,
---  failure: (fun(err: usagelua.transfer.error, sink: userdata?): any)? }? ca_file: a PEM file of
--- authorities besides the system's; max_connections: further requests wait (0: no limit); is_weak:
--- an exchange that nobody holds any more is closed; failure: makes what is given back of an error,
--- and of a reader that refused
---@return usagelua.transfer.engine? engine
---@return usagelua.transfer.error? err kind usage: the file cannot be used
function transfer.engine(options) end

---What exchange:headers() gave, of what exchange:fields() gives.
---@param fields string
---@return table<string, string>
function transfer.fields(fields) end

---The absolute form of a reference seen from a URL (RFC 3986 5).
---  transfer.resolve("https://a.test/v1/x?y=1", "../z")  --> "https://a.test/z"
---@param base string
---@param reference string
---@return string? url
---@return usagelua.transfer.error? err kind refused
function transfer.resolve(base, reference) end

---Scheme, host and port of a URL, default ports left out.
---  transfer.origin "https://A.test:443/x"  --> "https://a.test"
---@param url string
---@return string? origin
---@return usagelua.transfer.error? err kind refused
function transfer.origin(url) end

---A text as a gzip file (RFC 1952), without a name and a time.
---@param text string at most 1 GiB
---@return string bytes
function transfer.pack(text) end

---The text in a gzip file, of one member or several.
---@param bytes string
---@param most integer bytes of the text
---@return string? text
---@return string? problem "cut", "too large", or what is wrong with it
function transfer.unpack(bytes, most) end

return transfer
