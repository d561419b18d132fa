/* Pictures, as they were uploaded. */
#include "api/handlers.h"

#include <string.h>

struct picture {
    struct lk_arena *arena;
    struct lk_str bytes;
    const char *type;
};

/* The store lends the bytes for the length of its snapshot; the answer leaves later. */
static int copy_picture(struct lk_str type, struct lk_str bytes, void *arg) {
    struct picture *p = arg;
    char *mem = lk_arena_alloc(p->arena, bytes.len + type.len + 1);
    if (mem == NULL) {
        return LK_ERR_NO_MEMORY;
    }
    memcpy(mem, bytes.ptr, bytes.len);
    memcpy(mem + bytes.len, type.ptr, type.len);
    mem[bytes.len + type.len] = '\0';
    p->bytes = (struct lk_str){mem, bytes.len};
    p->type = mem + bytes.len;
    return 0;
}

/* A picture never changes under its name, so that the name is its entity tag. */
static struct lk_str make_etag(struct lk_request *r) {
    struct lk_buf b;
    char *mem = lk_arena_alloc(r->arena, LK_PICTURE_NAME_MAX + 2);
    if (mem == NULL) {
        return (struct lk_str){NULL, 0};
    }
    lk_buf_init(&b, mem, LK_PICTURE_NAME_MAX + 2);
    lk_buf_put_char(&b, '"');
    lk_buf_put_str(&b, r->params[0]);
    lk_buf_put_char(&b, '"');
    return lk_buf_str(&b);
}

void lk_api_media(struct lk_request *r, struct lk_response *res) {
    struct picture p = {.arena = r->arena};
    if (r->params[0].len == 0 || r->params[0].len > LK_PICTURE_NAME_MAX) {
        lk_api_not_found(res);
        return;
    }
    struct lk_str etag = make_etag(r);
    int err = etag.ptr == NULL ? LK_ERR_NO_MEMORY
                               : lk_picture_get(lk_api_app(r)->service, r->params[0], copy_picture, &p);
    if (lk_api_failed(r, res, err, NULL, 0)) {
        return;
    }
    lk_res_bytes(res, 200, p.type, p.bytes);
    res->etag = etag;
    res->cache_control = "private, max-age=31536000, immutable";
    /* Whatever a browser makes of the bytes, it runs nothing and sees nothing of this origin. */
    res->csp = "default-src 'none'; sandbox";
}
