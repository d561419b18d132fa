#!/bin/sh
# Behind a gateway: accounts under /api/auth/, profiles under /api/users/, the scheme Bearer.
set -eu
. "$(dirname "$0")/common.sh"

ask "$URL/api/auth/signup/" --json "{\"username\": \"$NAME\", \"email\": \"$NAME@example.com\", \"password\": \"$PASSWORD\"}"
echo
tokens=$(ask "$URL/api/auth/login/" --json "{\"username\": \"$NAME\", \"password\": \"$PASSWORD\"}")
access=$(echo "$tokens" | field access)

ask "$URL/api/users/create/" -H "Authorization: Bearer $access" --json "{\"username\": \"$NAME\", \"biography\": \"Wrote the first program.\"}"
echo
ask "$URL/api/users/$NAME/" -H "Authorization: Bearer $access"
echo
ask "$URL/api/auth/$NAME/" -H "Authorization: Bearer $access"
echo
ask -X DELETE "$URL/api/users/delete/$NAME/" -H "Authorization: Bearer $access"
ask -X DELETE "$URL/api/auth/delete/$NAME/" -H "Authorization: Bearer $access"
