# The libraries on a board: P-256 in Cortex-M assembly, small buffers, short lists.
include_guard()

wolfcrypt_sources(.c sp_cortexm)
# Our own assembly for what takes longest; the long products are empty on a Cortex-M3.
target_sources(wolfssl PRIVATE "${lk_root}/ports/arm/p256_umaal.S" "${lk_root}/ports/arm/sha256_thumb2.S")
target_include_directories(wolfssl PUBLIC "${lk_root}/ports")
# It asks the port for its seeds.
target_link_libraries(wolfssl INTERFACE lk_port)

# A worker's stack and the buffers that CivetWeb puts on it: what it reads is a line of ours (src/serve/civetweb.c).
target_compile_definitions(civetweb PRIVATE MG_BUF_LEN=512 USE_STACK_SIZE=LK_WORKER_STACK
    MG_MASTER_STACK_SIZE=LK_STACK_MASTER)

# Robust mutexes are for processes that die. The lists of pages shrink from 1.5 MB to a few KB.
target_compile_definitions(lmdb PRIVATE MDB_USE_ROBUST=0 MDB_MAXKEYSIZE=0)
target_compile_options(lmdb PRIVATE -include "${lk_root}/ports/config/rtos/lmdb_lists.h")
