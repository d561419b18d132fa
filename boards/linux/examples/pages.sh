#!/bin/sh
# For a web front end: sign up, log in by name, check the token, ask for a reset mail, log out.
set -eu
. "$(dirname "$0")/common.sh"

ask "$URL/auth/signup/" --json "{\"username\": \"$NAME\", \"email\": \"$NAME@example.com\", \"password\": \"$PASSWORD\"}"
echo
tokens=$(ask "$URL/auth/login/" --json "{\"username\": \"$NAME\", \"password\": \"$PASSWORD\"}")
access=$(echo "$tokens" | field access)
refresh=$(echo "$tokens" | field refresh)

ask "$URL/auth/validate_token/" --json "{\"token\": \"$access\"}"
echo
ask "$URL/auth/reset_password/" --json "{\"email\": \"$NAME@example.com\"}"
echo
access=$(ask "$URL/auth/token/refresh/" --json "{\"refresh\": \"$refresh\"}" | field access)
ask -X DELETE "$URL/auth/delete/$NAME/" -H "Authorization: Bearer $access"
