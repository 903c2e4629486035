-- A certificate authority made for the run, and what it signs and does not sign.
local shell = require "support.shell"

local certificates = {}

local SCRIPT = [[
set -e
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl ecparam -name prime256v1 -genkey -noout -out server.key
openssl req -x509 -new -key ca.key -days 2 -subj "/CN=usagelua test authority" \
  -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem
openssl req -x509 -new -key server.key -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -out self_signed.pem
openssl req -new -key server.key -subj /CN=localhost -out server.csr
sign() { # name, days, subject alternative names
  echo "subjectAltName=$3" > "$1.ext"
  echo "extendedKeyUsage=serverAuth" >> "$1.ext"
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial "$4" -days "$2" \
    -extfile "$1.ext" -out "$1.pem"
}
sign good 2 DNS:localhost,IP:127.0.0.1 1
sign wrong_name 2 DNS:elsewhere.test 2
sign expired -1 DNS:localhost,IP:127.0.0.1 3
]]

--- Makes ca.pem, server.key and {good,wrong_name,expired,self_signed}.pem in a folder.
---@param path string an existing folder
function certificates.make(path)
  shell.output(SCRIPT, { cwd = path })
end

return certificates
