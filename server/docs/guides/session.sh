# The functions that the guides use, for bash:  . server/docs/guides/session.sh
# They need curl, jq and python3. `api` says where the server is, `token` who calls.

api=${api:-http://127.0.0.1:8080}
token=${token:-}
# Where `make up` keeps its data, unless told otherwise.
data=${TALLYSTICK_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/tallystick}
[ -n "${TALLYSTICK_DATA_DIR:-}" ] || [ "$EUID" != 0 ] || data=/var/lib/tallystick

# The command of a clone; an installed one goes before.
command -v tallystick >/dev/null || tallystick() { PYTHONPATH=server .venv/bin/python -m tallystick "$@"; }

new_id() { cat /proc/sys/kernel/random/uuid 2>/dev/null || python3 -c 'import uuid; print(uuid.uuid4())'; }

# call METHOD PATH [BODY]: a body without a requestId gets one.
call() {
  if [ -n "${3:-}" ]; then
    jq -cn --arg id "$(new_id)" --argjson body "$3" '{requestId: $id} + $body' |
      curl -sw '\n' -X "$1" "$api$2" ${token:+-H "authorization: Bearer $token"} --data-binary @-
  else
    curl -sw '\n' -X "$1" "$api$2" ${token:+-H "authorization: Bearer $token"}
  fi
}

get() { call GET "$1"; }
post() { call POST "$1" "$2"; }

# sign_in EMAIL and sign_up EMAIL NAME set `token`.
sign_in() {
  token=
  token=$(post /v1/auth/login '{"email": "'"$1"'", "password": "correct horse battery"}' | jq -r .tokens.accessToken)
}
sign_up() {
  token=
  post /v1/auth/register '{"email": "'"$1"'", "password": "correct horse battery", "displayName": "'"$2"'"}' >/dev/null
  sign_in "$1"
}

# mail EMAIL SUBJECT: the text of the newest such mail, once it is there. Without a mail server mails are files.
mail() {
  python3 - "$data/mail" "$1" "$2" <<'PYTHON'
import email, email.policy, pathlib, sys, time
while True:
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml"), reverse=True):
        found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if found["To"] == sys.argv[2] and sys.argv[3] in found["Subject"]:
            sys.exit(print(found.get_content()))
    time.sleep(0.1)
PYTHON
}
