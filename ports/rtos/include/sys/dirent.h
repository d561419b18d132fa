/* There are no folders on a board; newlib's <dirent.h> asks for this file. */
#ifndef LK_RTOS_SYS_DIRENT_H
#define LK_RTOS_SYS_DIRENT_H

typedef struct lk_dir DIR;
struct dirent {
    char d_name[1];
};

#endif
