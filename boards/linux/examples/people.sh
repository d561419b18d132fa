#!/bin/sh
# Accounts with a name and a picture, under /api/user/, named by e-mail, the scheme JWT.
set -eu
. "$(dirname "$0")/common.sh"
picture=$(mktemp --suffix .png)
trap 'rm -f "$picture"' EXIT
# The smallest picture: one pixel.
echo iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg== | base64 -d >"$picture"

ask "$URL/api/user/register/" -F "email=$NAME@example.com" -F "full_name=Ada Lovelace" -F "password=$PASSWORD" -F "profile_pic=@$picture"
echo
tokens=$(ask "$URL/api/user/login/" --json "{\"email\": \"$NAME@example.com\", \"password\": \"$PASSWORD\"}")
access=$(echo "$tokens" | field access)

me=$(ask "$URL/api/user/me/" -H "Authorization: JWT $access")
echo "$me"
image=$(echo "$me" | field profile_pic)
ask "$URL/api/user/media/${image##*/}" | cmp - "$picture"
ask -X PATCH "$URL/api/user/update/" -H "Authorization: JWT $access" --json '{"full_name": "Ada King", "profile_pic": null}'
echo
id=$(echo "$me" | field id)
# The account was made by e-mail alone, which is its username then.
ask -X DELETE "$URL/auth/delete/$NAME%40example.com/" -H "Authorization: Bearer $access"
echo "removed $id"
