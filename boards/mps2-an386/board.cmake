set(LATCHKEY_CPU_FLAGS "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard")
set(LATCHKEY_QEMU qemu-system-arm -M mps2-an386)
# It stops a board that hangs: a test shows that.
set(LATCHKEY_WATCHDOG ON)
