set(LATCHKEY_CPU_FLAGS "-mcpu=cortex-m3 -mfloat-abi=soft")
set(LATCHKEY_QEMU qemu-system-arm -M mps2-an385)
# It stops a board that hangs: a test shows that.
set(LATCHKEY_WATCHDOG ON)
