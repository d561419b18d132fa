#!/bin/sh
# By e-mail, and for services: INTERNAL is a token of
#   latchkeyd token internal --service example --scope credentials:read,credentials:delete
set -eu
. "$(dirname "$0")/common.sh"
: "${INTERNAL:?an internal token}"

id=$(ask "$URL/auth/register" --json "{\"email\": \"$NAME@example.com\", \"password\": \"$PASSWORD\", \"roles\": [\"user\"]}" | field id)
tokens=$(ask "$URL/auth/login" --json "{\"email\": \"$NAME@example.com\", \"password\": \"$PASSWORD\"}")
access=$(echo "$tokens" | field access)
refresh=$(echo "$tokens" | field refresh)

ask "$URL/auth/me" -H "Authorization: Bearer $access"
echo
ask "$URL/auth/refresh" --json "{\"refresh_token\": \"$refresh\"}" | field access >/dev/null
ask "$URL/auth/?limit=100" -H "Authorization: Bearer $INTERNAL"
echo
ask "$URL/auth/logout" --json "{\"refresh_token\": \"$refresh\"}"
echo
ask -X DELETE "$URL/auth/$id/" -H "Authorization: Bearer $INTERNAL"
