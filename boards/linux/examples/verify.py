#!/usr/bin/python3
"""Verifies an access token of Latchkey's with PyJWT (Debian's python3-jwt): who sent it, while signature and dates are
good.

usage: verify.py /var/lib/latchkey/jwt.key < token

Prints the account's id and exits with 0, or says what is wrong and exits with 1.
"""
import sys

import jwt


def user_of(token, key):
    claims = jwt.decode(token, key, algorithms=["HS256"], leeway=5, options={"require": ["exp", "user_id"]})
    if claims.get("token_type") != "access":  # a refresh token has the same key
        raise jwt.InvalidTokenError("not an access token")
    return claims["user_id"]


def main():
    with open(sys.argv[1], "rb") as file:
        key = file.read()
    try:
        print(user_of(sys.stdin.read().strip(), key))
    except jwt.InvalidTokenError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
