/* For CivetWeb, which tells its own version string of the system. */
#ifndef LK_RTOS_SYS_UTSNAME_H
#define LK_RTOS_SYS_UTSNAME_H

struct utsname {
    char sysname[16];
    char nodename[16];
    char release[16];
    char version[16];
    char machine[16];
};

int uname(struct utsname *out);

#endif
