# bash completion of usagelua; printed by `make docs`.

_usagelua_ask() {
  "${COMP_WORDS[0]/#\~/$HOME}" -q -e "$@" 2>/dev/null
}

_usagelua_names() {
  _usagelua_ask 'local u = require "usagelua"; for _, v in ipairs(u.vendors()) do print(v); local ok, s = pcall(u.vendors, v); for _, d in ipairs(ok and s.datasets or {}) do print(d.name) end end'
}

# Of the datasets that stand in the line.
_usagelua_parameters() {
  local word names=()
  for word in "${COMP_WORDS[@]:1}"; do
    [[ $word =~ ^[a-z][a-z0-9_]*\.[a-z0-9_]+$ ]] && names+=("$word")
  done
  _usagelua_ask 'local u = require "usagelua"; print "account="; print "region="; for _, n in ipairs { ... } do local ok, s = pcall(u.vendors, n:match "^[^.]+"); for _, d in ipairs(ok and s.datasets or {}) do if d.name == n then for _, p in ipairs(d.params) do print(p.name .. "=") end end end end' "${names[@]}"
}

# The first word that is a command.
_usagelua_command() {
  local word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in fetch|vendors|plan|check|get|ledger|new|test) printf '%s\n' "$word"; return ;; esac
  done
}

# Adds those of the words that begin as the one at hand.
_usagelua_reply() {
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$current")
}

_usagelua_scripts() {
  compopt -o filenames
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
    compgen -f -X '!*.lua' -- "$current"
    compgen -d -- "$current")
}

_usagelua_options() {
  case $1 in
  fetch) printf '%s\n' "--set --group-by --measures --where --sort --limit" ;;
  plan) printf '%s\n' "--set --group-by --measures --where --sort --limit" ;;
  check) printf '%s\n' "--set" ;;
  get) printf '%s\n' "--set" ;;
  ledger) printf '%s\n' "--delete" ;;
  test) printf '%s\n' "--set" ;;
  esac
  printf '%s\n' "--period --zone --grain --now --format -f --output -o --step-summary --raw-csv --csv-separator --prices --record --replay --deadline --allow-partial --max-body --max-memory --quiet -q --verbose -v --trace --help -h --version --execute -e --interactive -i"
}

_usagelua() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command
  COMPREPLY=()
  # bash makes words of their own of `=` in --format=csv.
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $before == -* ]] || return
  fi
  case $before in
  --period|--zone|--group-by|--measures|--where|--sort|--limit|--now|--csv-separator|--deadline|--max-body|--max-memory|--execute|-e) return ;;
  --grain) _usagelua_reply "total year quarter month week day hour"; return ;;
  --set) compopt -o nospace; _usagelua_reply "$(_usagelua_parameters)"; return ;;
  --format|-f) _usagelua_reply "text markdown html csv csv-excel json ndjson junit openmetrics focus"; return ;;
  --output|-o|--prices|--record|--replay|--trace) compopt -o default; return ;;
  esac
  command=$(_usagelua_command)
  if [[ $current == -* ]]; then
    _usagelua_reply "$(_usagelua_options "$command")"
    return
  fi
  case $command in
  "") _usagelua_reply "fetch vendors plan check get ledger new test"; _usagelua_scripts ;;
  fetch) _usagelua_reply "$(_usagelua_names)" ;;
  vendors) _usagelua_reply "$(_usagelua_names)" ;;
  plan) _usagelua_scripts; _usagelua_reply "$(_usagelua_names)"; _usagelua_reply fetch ;;
  check) _usagelua_reply "$(_usagelua_names)"; _usagelua_scripts ;;
  get) _usagelua_reply "$(_usagelua_names)" ;;
  new) _usagelua_reply "report vendor workflow" ;;
  test) _usagelua_scripts ;;
  esac
}

complete -F _usagelua usagelua
