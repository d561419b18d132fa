/*
 * Pages that a person opens: HTML of src/web with its gaps filled in.
 */
#ifndef LK_API_PAGE_H
#define LK_API_PAGE_H

#include "http/http.h"

/* What stands in the page's gap {{name}}. */
struct lk_page_gap {
    const char *name;
    struct lk_str text;
    bool markup; /* the text is HTML already; else it is escaped */
};

/*
 * Answers with the page of that name (a file of src/web), which may load our own style sheet and send its
 * form back to us, and nothing else.
 */
void lk_api_page(struct lk_response *res, int status, const char *name, const struct lk_page_gap *gaps,
                 size_t count);

/*
 * The same for a page of a person's: its gaps {{brand}}, {{logo}} and {{style}} are filled with the device's own, and
 * {{lang}} with the language. At most LK_PAGE_GAPS_MAX of others.
 */
#define LK_PAGE_GAPS_MAX 12
void lk_api_own_page(struct lk_request *r, struct lk_response *res, int status, const char *name,
                     const struct lk_page_gap *gaps, size_t count);

/* The language of whoever asks: ?lang=, else the choice made on the pages, else Accept-Language. */
enum lk_language lk_api_language(struct lk_request *r);
/* The client of a request that may bring a mail about: the mail speaks this language. */
const struct lk_client *lk_api_client(struct lk_request *r);

/* Appends `text` with the characters that mean something in HTML escaped. */
void lk_api_put_html(struct lk_response *res, struct lk_str text);

#endif
