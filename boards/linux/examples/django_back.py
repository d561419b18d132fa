#!/usr/bin/python3
"""Turns Latchkey's export into a fixture of Django's auth.user, for loaddata.

usage: django_back.py [FIRST-KEY] < accounts.jsonl > users.jsonl      keys count up from FIRST-KEY (1)
"""
import json
import sys


def user(account, key):
    first, _, last = account["full_name"].partition(" ")
    admin = "admin" in account["roles"]
    return {
        "model": "auth.user",
        "pk": key,
        "fields": {
            "username": account["username"][:150],
            "email": account["email"],
            "first_name": first[:150],
            "last_name": last[:150],
            "password": account["password"],
            "is_active": account["is_active"],
            "is_staff": admin,
            "is_superuser": admin,
            "date_joined": account["created"],
            "last_login": account["last_login"],
        },
    }


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for key, line in enumerate(sys.stdin, first):
        print(json.dumps(user(json.loads(line), key)))


main()
