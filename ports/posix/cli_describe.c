/* latchkeyd describe: the tables of commands, options and settings as JSON, from which the manual, the sample
   configuration and the completions are made (boards/linux). */
#include "cli.h"
#include "config/keys.h"

#include <cJSON.h>

static bool add(cJSON *json, const char *name, const char *value) {
    return (value != NULL ? cJSON_AddStringToObject(json, name, value) : cJSON_AddNullToObject(json, name)) !=
           NULL;
}

/* A new object at the end of the list, or NULL. */
static cJSON *append(cJSON *list) {
    cJSON *item = cJSON_CreateObject();

    if (item != NULL && !cJSON_AddItemToArray(list, item)) {
        cJSON_Delete(item);
        item = NULL;
    }
    return item;
}

static bool add_options(cJSON *list, unsigned taken) {
    for (size_t i = 0; cli_option_at(i) != NULL; i++) {
        const struct cli_option_info *o = cli_option_at(i);
        if ((o->option == 0 || (o->option & taken) != 0) &&
            !cJSON_AddItemToArray(list, cJSON_CreateString(o->name))) {
            return false;
        }
    }
    return true;
}

static bool put_commands(cJSON *list) {
    for (size_t i = 0; cli_command_at(i) != NULL; i++) {
        const struct cli_command *c = cli_command_at(i);
        cJSON *item = append(list);
        cJSON *options = item != NULL ? cJSON_AddArrayToObject(item, "options") : NULL;
        if (options == NULL || !add(item, "group", c->group) || !add(item, "name", c->name) ||
            !add(item, "usage", c->usage) || !add(item, "meaning", c->meaning) ||
            !add_options(options, c->options)) {
            return false;
        }
    }
    return true;
}

static bool put_options(cJSON *list) {
    for (size_t i = 0; cli_option_at(i) != NULL; i++) {
        const struct cli_option_info *o = cli_option_at(i);
        cJSON *item = append(list);
        if (item == NULL || !add(item, "name", o->name) || !add(item, "value", o->value) ||
            !add(item, "meaning", o->meaning)) {
            return false;
        }
    }
    return true;
}

static bool put_settings(cJSON *list) {
    for (size_t i = 0; i < lk_key_count; i++) {
        cJSON *item = append(list);
        if (item == NULL || !add(item, "name", lk_keys[i].shown.name) ||
            !add(item, "default", lk_keys[i].shown.fallback) ||
            !add(item, "meaning", lk_keys[i].shown.meaning) || !add(item, "allowed", lk_keys[i].allowed)) {
            return false;
        }
    }
    return true;
}

static int run_describe(struct cli *c) {
    cJSON *json = cJSON_CreateObject();
    cJSON *commands = cJSON_AddArrayToObject(json, "commands");
    cJSON *options = cJSON_AddArrayToObject(json, "options");
    cJSON *settings = cJSON_AddArrayToObject(json, "settings");

    (void)c;
    if (settings == NULL || !put_commands(commands) || !put_options(options) || !put_settings(settings)) {
        cJSON_Delete(json);
        json = NULL; /* cli_print_json says so */
    }
    return cli_print_json(stdout, json);
}

const struct cli_command cli_describe_commands[] = {
    {"describe", NULL, "", "commands, options and settings as JSON, for tools", 0, 0, 0, run_describe},
    {NULL, NULL, NULL, NULL, 0, 0, 0, NULL},
};
