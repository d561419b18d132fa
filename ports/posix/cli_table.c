/* Every command and option there is, in one order: for the parser, --help, completion and the manual. */
#include "cli.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

static const struct cli_option_info options[] = {
    {"--json", NULL, CLI_JSON, "print JSON, one value a line", 0},
    {"--stdin", NULL, CLI_STDIN, "read the password from the first line of standard input", 0},
    {"--internal", NULL, CLI_INTERNAL, "the key of internal tokens, not that of users'", 0},
    {"--admin", NULL, CLI_ADMIN, "the account may manage others", 0},
    {"--full-name", "TEXT", CLI_FULL_NAME, "the name to show", offsetof(struct cli_args, full_name)},
    {"--service", "NAME", CLI_SERVICE, "the service that will use the token",
     offsetof(struct cli_args, service)},
    {"--scope", "SCOPE", CLI_SCOPE, "credentials:read, credentials:write, credentials:delete",
     offsetof(struct cli_args, scope)},
    {"--ttl", "SECONDS", CLI_TTL, "how long the token is good, 1 to 300", offsetof(struct cli_args, ttl)},
    {"--config", "FILE", 0, "read KEY = VALUE lines from FILE; settings given as words come after it",
     offsetof(struct cli_args, config_file)},
};

const struct cli_option_info *cli_option_at(size_t index) {
    return index < sizeof(options) / sizeof(options[0]) ? &options[index] : NULL;
}

const struct cli_command *cli_command_at(size_t index) {
    static const struct cli_command *const tables[] = {
        cli_user_commands,   cli_keys_commands,  cli_data_commands,   cli_backup_commands,
        cli_upkeep_commands, cli_audit_commands, cli_status_commands, cli_describe_commands};

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct cli_command *command = tables[i]; command->group != NULL; command++) {
            if (index-- == 0) {
                return command;
            }
        }
    }
    return NULL;
}

const char *cli_near_command(const char *word) {
    const char *best = NULL;
    size_t least = 3; /* letters that differ */

    for (size_t i = 0; cli_command_at(i) != NULL; i++) {
        const char *group = cli_command_at(i)->group;
        size_t d = lk_text_distance(lk_str_from(word), lk_str_from(group));
        if (d < least && d < strlen(group)) {
            least = d;
            best = group;
        }
    }
    return best;
}
