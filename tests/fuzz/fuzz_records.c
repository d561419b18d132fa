/* Stored records: what decodes must encode to the very same bytes. The first byte says which record it is. */
#include "fuzz.h"

#include "account/records.h"
#include "base/buf.h"

#define ENCODED_MAX 70000

#define ENCODE(name, type, decode)                                                                           \
    do {                                                                                                     \
        struct type record;                                                                                  \
        err = (decode);                                                                                      \
        if (err == 0) {                                                                                      \
            lk_##name##_encode(&b, &record);                                                                 \
        }                                                                                                    \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t id[LK_UUID_LEN] = {1};
    static char encoded[ENCODED_MAX];
    struct lk_outbox_mail mail;
    uint8_t account[LK_UUID_LEN];
    struct lk_buf b;
    int err = -1;
    if (size == 0) {
        return 0;
    }
    char *copy = fuzz_copy(data + 1, size - 1);
    struct lk_str value = {copy, size - 1};
    lk_buf_init(&b, encoded, sizeof(encoded));
    switch (data[0] % 8) {
    case 0:
        ENCODE(account, lk_account, lk_account_decode(id, value, &record));
        break;
    case 1:
        ENCODE(session, lk_session_record, lk_session_decode(value, &record));
        break;
    case 2:
        ENCODE(link, lk_link_record, lk_link_decode(value, &record));
        break;
    case 3:
        ENCODE(throttle, lk_throttle_record, lk_throttle_decode(value, &record));
        break;
    case 4:
        ENCODE(profile, lk_profile_record, lk_profile_decode(value, &record));
        break;
    case 5:
        ENCODE(picture, lk_picture_record, lk_picture_decode(value, &record));
        break;
    case 6:
        ENCODE(audit, lk_audit_record, lk_audit_decode(1, value, &record));
        break;
    default:
        err = lk_mail_decode(1, value, &mail, account);
        if (err == 0) {
            lk_mail_encode(&b, &mail, account);
        }
    }
    /* A record of a former version is written back as the newest. */
    bool older = value.len > 0 && value.ptr[0] < (data[0] % 8 == 1 ? 3 : 2);
    MUST(err != 0 || older || b.err != 0 || lk_str_eq(lk_buf_str(&b), value));
    free(copy);
    return 0;
}
