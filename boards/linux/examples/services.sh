#!/bin/sh
# For services behind one login: obtain tokens, refresh, verify, log out. Bodies may be forms, too.
set -eu
. "$(dirname "$0")/common.sh"

ask "$URL/auth/signup/" -d "username=$NAME" -d "email=$NAME@example.com" --data-urlencode "password=$PASSWORD"
echo
tokens=$(ask "$URL/auth/token/" -d "username=$NAME" --data-urlencode "password=$PASSWORD")
refresh=$(echo "$tokens" | field refresh)
access=$(ask "$URL/auth/token/refresh/" -d "refresh=$refresh" | field access)

ask "$URL/auth/token/verify/" -d "token=$access"
echo
ask -X DELETE "$URL/auth/delete/$NAME/" -H "Authorization: Bearer $access"
# Its sessions went with the account: this refresh token is worth nothing now.
if ask "$URL/auth/token/refresh/" -d "refresh=$refresh" >/dev/null 2>&1; then
    exit 1
fi
