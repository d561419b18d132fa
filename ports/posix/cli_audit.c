/* The audit ring: who did what, from where, when. */
#include "cli.h"

#include "base/text.h"

#define PAGE 100 /* records a snapshot: a slow pipe must not hold one for long */

struct trail {
    bool json;
    bool failed;
    uint64_t wanted;
    uint64_t shown;
    uint64_t last; /* sequence number of the record shown last */
};

static int print_one(const struct lk_audit_record *record, void *arg) {
    struct trail *t = arg;
    char when[CLI_TIME_TEXT_MAX];
    char address[LK_ADDRESS_TEXT_MAX + 1];
    struct lk_buf b;

    t->last = record->sequence;
    t->shown++;
    cli_time_text(record->time, when);
    lk_buf_init(&b, address, sizeof(address));
    lk_buf_put_address(&b, record->address);
    (void)lk_buf_end_cstr(&b); /* every address fits */
    if (t->json) {
        t->failed = cli_print_json(stdout, cli_audit_json(record, address)) != CLI_OK;
        return t->failed ? LK_ERR_NO_MEMORY : 0;
    }
    printf("%-20s  %-16s  ", when, lk_audit_event_name(record->event));
    cli_print_padded(record->subject_name, 24);
    printf("  ");
    cli_print_padded(record->actor, 24);
    printf("  %s\n", address);
    return 0;
}

static int run_audit(struct cli *c) {
    struct trail t = {.json = (c->args.given & CLI_JSON) != 0, .wanted = UINT64_MAX};
    int rc;

    if (c->operand_count > 0 && lk_str_to_u64(lk_str_from(c->operands[0]), UINT32_MAX, &t.wanted) < 0) {
        return cli_usage(c->operands[0], "COUNT is a number of records");
    }
    rc = cli_open(c, false);
    if (rc == CLI_OK && !t.json) {
        printf("%-20s  %-16s  %-24s  %-24s  %s\n", "TIME", "EVENT", "ACCOUNT", "BY", "FROM");
    }
    while (rc == CLI_OK && t.shown < t.wanted) {
        uint64_t before = t.shown;
        uint64_t left = t.wanted - t.shown;
        int err = lk_audit_walk(c->service, t.last, left < PAGE ? (size_t)left : PAGE, print_one, &t);

        if (err < 0) {
            rc = t.failed ? CLI_FAILED : cli_fail_err("audit", err);
        } else if (t.shown == before || t.last <= 1) {
            break;
        }
    }
    return rc;
}

const struct cli_command cli_audit_commands[] = {
    {"audit", NULL, "[COUNT] [--json]", "who did what, from where, when: the newest first", 0, 1, CLI_JSON,
     run_audit},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
