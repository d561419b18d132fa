/* What the files of console commands share. */
#ifndef LK_FIRMWARE_COMMANDS_H
#define LK_FIRMWARE_COMMANDS_H

#include "console.h"

/* False, after a message, when no server runs. */
bool commands_need_server(void);
/* "done", or what the error means. */
void commands_say(int err);

/* user …: users.c */
void commands_user(const struct console_call *call);

/* key … and seed …: provision.c */
void commands_key(const struct console_call *call);
void commands_seed(const struct console_call *call);

#endif
