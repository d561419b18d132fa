/*
 * Bringing many accounts in: a few hundred share one transaction, so that a million take a minute.
 */
#ifndef LK_ACCOUNT_IMPORT_H
#define LK_ACCOUNT_IMPORT_H

#include "account/account.h"
#include "account/names.h"

#define LK_IMPORT_MAX 256 /* accounts a call */

struct lk_import {
    struct lk_account account; /* as lk_account_import takes it; its names and id become what is stored */
    struct lk_str biography;   /* `ptr` NULL: the default one */
    /* results */
    int result;
    struct lk_violations violations;
    bool refused; /* before the store was asked */
    bool renamed; /* the username names a route here: the account has its email as username */
    /* storage for the names */
    char username[LK_USERNAME_BYTES_MAX];
    char email[LK_EMAIL_BYTES_MAX];
};

/*
 * Does for each of `count` (1..LK_IMPORT_MAX) accounts what lk_account_import does, and leaves what that
 * would return in its `result`: one that is refused keeps none of the others out. What went in is durable on
 * return. A username that is reserved here, but may well be somebody's elsewhere, gives way to the email.
 */
void lk_account_import_many(struct lk_service *svc, struct lk_import *accounts, size_t count);

#endif
