/*
 * LMDB's lists of pages, made for a store of a few hundred pages: included before everything else, so that
 * midl.h's own value is replaced. A transaction may touch 2^LOGN pages less one.
 */
#ifndef LK_LMDB_LISTS_H
#define LK_LMDB_LISTS_H

#include <midl.h>

#undef MDB_IDL_LOGN
#define MDB_IDL_LOGN LK_LMDB_LOGN

#endif
